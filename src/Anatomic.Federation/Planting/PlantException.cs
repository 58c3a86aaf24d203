namespace Anatomic.Federation.Planting;

/// <summary>Why a plant, unplant or renewal failed.</summary>
public enum PlantFault
{
    /// <summary>No supernode was named (exit status 3).</summary>
    NoSupernode,

    /// <summary>None of the supernodes, or none of the nodes, answered (exit status 3).</summary>
    OutOfReach,

    /// <summary>Every candidate that answered rejected the order (exit status 1).</summary>
    Refused,

    /// <summary>The network has no node that may hold the torrent yet (exit status 3).</summary>
    NoNode,

    /// <summary>The torrent is private (BEP 27) and the options do not allow that (exit status 1).</summary>
    Private,

    /// <summary>The torrent was planted with another key, or never (exit status 1).</summary>
    NotOurs,

    /// <summary>
    /// An argument is invalid: a supernode URL, or an id omitted on a public network (exit status 2).
    /// </summary>
    Argument,
}

/// <summary>A plant, unplant or renewal failed, and nothing partial remains. The message is for a person.</summary>
public sealed class PlantException(PlantFault fault, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public PlantFault Fault { get; } = fault;
}
