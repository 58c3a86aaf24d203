namespace Anatomic.Simulation.Networks;

/// <summary>How a host is connected to the internet. All its connections share the line.</summary>
public sealed record LineOptions
{
    /// <summary>Bytes of connections sent per second. Default: null, unlimited.</summary>
    public double? UpBytesPerSecond { get; init; }

    /// <summary>Bytes of connections received per second. Default: null, unlimited.</summary>
    public double? DownBytesPerSecond { get; init; }

    /// <summary>
    /// Behind a router that drops what the host did not ask for: nobody can dial it, and datagrams arrive only from
    /// where it has sent one. Default: false.
    /// </summary>
    public bool IsBehindNat { get; init; }
}
