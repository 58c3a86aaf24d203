using Anatomic.Machine.Tls;
using Anatomic.World;

namespace Anatomic.Machine.Configuration;

/// <summary>How the process uses its machine.</summary>
public sealed record MachineOptions
{
    /// <summary>Absolute path of the folder with the stores; created when the first store is opened.</summary>
    public required string StateFolder { get; init; }

    /// <summary>
    /// Number of event loops, and of sockets of a datagram server if the system can share a port; at least 1. Each has
    /// a thread. Default: one per core.
    /// </summary>
    public int Loops { get; init; } = Environment.ProcessorCount;

    /// <summary>Number of threads for CPU-bound work; at least 1. Default: one per core.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Largest number of threads for file operations, at least 1; they start with the load. A disk reorders what is
    /// requested together, and one slow file must not delay the others. Default: 8.
    /// </summary>
    public int DiskThreads { get; init; } = 8;

    /// <summary>
    /// Use only what .NET offers on every system, without faster system calls. A datagram server then has one socket,
    /// and at a wildcard address the system chooses the source address of replies. Default: false.
    /// </summary>
    public bool Portable { get; init; }

    /// <summary>
    /// Return memory to the system once allocation has settled, for servers whose requests allocate nothing. Default:
    /// false; the garbage collector decides.
    /// </summary>
    public bool TrimsMemory { get; init; }

    /// <summary>HTTP servers also accept TLS on the same ports; null: they do not.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>Proxies in front of the HTTP servers that name their clients with the PROXY protocol.</summary>
    public ProxyProtocolSources ProxyProtocol { get; init; } = ProxyProtocolSources.None;

    /// <summary>
    /// Called for exceptions nobody observes: those of a posted action, or of a datagram or request handler. The loop
    /// continues. Called from any thread. Default: prints to standard error.
    /// </summary>
    public Action<Exception> Unhandled { get; init; } =
        static fault => Console.Error.WriteLine($"anatomic: this is a bug, please report it: {fault}");

    /// <summary>The operator's log. Default: none.</summary>
    public IEventLog EventLog { get; init; } = NullEventLog.Instance;
}
