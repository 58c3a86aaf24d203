namespace Anatomic.Hosting;

/// <summary>Why a host did not start, apart from network and disk errors.</summary>
public enum HostFault
{
    /// <summary>An option is invalid.</summary>
    Option,

    /// <summary>A listen address is in use, not of this machine, or not permitted.</summary>
    Listen,
}

/// <summary>A host did not start. The message tells the user why and what to do.</summary>
public sealed class HostException(HostFault fault, string message, Exception? cause = null) : Exception(message, cause)
{
    public HostFault Fault { get; } = fault;
}
