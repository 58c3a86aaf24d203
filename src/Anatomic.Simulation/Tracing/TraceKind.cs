namespace Anatomic.Simulation.Tracing;

/// <summary>What a <see cref="TraceEvent"/> records.</summary>
public enum TraceKind
{
    /// <summary>A remark of the scenario.</summary>
    Note,
    TimerFired,

    /// <summary>A host starts to open a connection.</summary>
    Connecting,
    ConnectionRefused,
    ConnectionAccepted,

    /// <summary>Bytes of a connection reached the receiving host.</summary>
    BytesReceived,

    /// <summary>The other side closed its connection in order.</summary>
    StreamEnded,

    /// <summary>A connection broke: the other host crashed, or a partition cut it.</summary>
    ConnectionReset,
    DatagramReceived,

    /// <summary>A datagram was dropped; the facts name the reason.</summary>
    DatagramDropped,

    /// <summary>An HTTP request reached a server.</summary>
    RequestReceived,

    /// <summary>An HTTP response reached its client.</summary>
    ResponseReceived,

    /// <summary>A worker ran its work.</summary>
    WorkDone,

    /// <summary>A file or a store was opened.</summary>
    Opened,
    FileRead,
    FileWritten,
    FileFlushed,
    FileRenamed,
    FileDeleted,

    /// <summary>A commit to a store began; it may still be lost in a crash.</summary>
    CommitStarted,
    HostCrashed,
    HostRestarted,
    NetworkPartitioned,
    NetworkHealed,

    /// <summary>A program wrote an event to its log.</summary>
    LogEvent,
    HostAdded,
}
