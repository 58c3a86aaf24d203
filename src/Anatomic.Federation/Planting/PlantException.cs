namespace Anatomic.Federation.Planting;

/// <summary>Why a torrent was not planted, taken back or renewed.</summary>
public enum PlantFault
{
    /// <summary>No supernode was named: a wrong argument, or a network out of reach (status 3).</summary>
    NoSupernode,

    /// <summary>None of the supernodes, or none of the nodes, answered (status 3).</summary>
    OutOfReach,

    /// <summary>All candidates that answered refused (status 1).</summary>
    Refused,

    /// <summary>The network has no node that could hold it yet (status 3).</summary>
    NoNode,

    /// <summary>The torrent is private (BEP 27) and that was not allowed (status 1).</summary>
    Private,

    /// <summary>The torrent was planted with another key, or never (status 1).</summary>
    NotOurs,

    /// <summary>An argument is wrong: a supernode that is no URL, an id left out on a public network (status 2).</summary>
    Argument,
}

/// <summary>A plant, unplant or renewal that did not succeed; nothing half-done is left behind. The message is for a person.</summary>
public sealed class PlantException(PlantFault fault, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public PlantFault Fault { get; } = fault;
}
