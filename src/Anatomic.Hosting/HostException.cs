namespace Anatomic.Hosting;

/// <summary>Why a host did not start, when it is not the network's or the disk's doing.</summary>
public enum HostFault
{
    /// <summary>An option makes no sense.</summary>
    Option,

    /// <summary>An address cannot be listened at: in use, not this machine's, or not allowed.</summary>
    Listen,
}

/// <summary>A host did not start; the message says why and what to do, for a person.</summary>
public sealed class HostException(HostFault fault, string message, Exception? cause = null) : Exception(message, cause)
{
    public HostFault Fault { get; } = fault;
}
