using Anatomic.Machine.Tls;
using Anatomic.World;

namespace Anatomic.Machine.Configuration;

/// <summary>How a process uses its machine.</summary>
public sealed record MachineOptions
{
    /// <summary>Absolute path of the folder that holds the stores; made when the first store is opened.</summary>
    public required string StateFolder { get; init; }

    /// <summary>
    /// Event loops, each with a thread of its own, and where the system can share a port, the sockets of a datagram server, each
    /// with a thread too; 1 or more. Default: one a core.
    /// </summary>
    public int Loops { get; init; } = Environment.ProcessorCount;

    /// <summary>Threads for heavy work; 1 or more. Default: one a core.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Use only what .NET has on every system, and no faster calls of this one. A server of datagrams then has one socket, and
    /// at a wildcard address the system chooses the address of its replies. Default: false.
    /// </summary>
    public bool Portable { get; init; }

    /// <summary>
    /// The process is a server whose requests allocate nothing: what its growth leaves behind is given back to the system as soon as
    /// it has come to rest. Default: false, and the garbage collector does what it does.
    /// </summary>
    public bool TrimsMemory { get; init; }

    /// <summary>HTTP servers speak TLS, too, at the same ports; null: they do not.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>Proxies in front of the HTTP servers that tell their clients' addresses by the PROXY protocol.</summary>
    public ProxyProtocolSources ProxyProtocol { get; init; } = ProxyProtocolSources.None;

    /// <summary>
    /// Gets what nobody awaits: the exception of a posted action, or of a datagram or request handler. The loop goes on with
    /// the next action. Called from any thread. Default: the exception goes to standard error.
    /// </summary>
    public Action<Exception> Unhandled { get; init; } =
        static fault => Console.Error.WriteLine($"anatomic: this is a bug, please report it: {fault}");

    /// <summary>What the operator is told. Default: nothing.</summary>
    public IEventLog EventLog { get; init; } = NullEventLog.Instance;
}
