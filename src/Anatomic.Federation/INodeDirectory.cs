using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation;

/// <summary>What a node asks its supernodes about other nodes.</summary>
public interface INodeDirectory
{
    /// <summary>
    /// The newest verified records of those candidates that a supernode knows; empty when no supernode answers.
    /// </summary>
    /// <param name="swarm">The torrent's hash, so that its own supernodes can be asked.</param>
    Task<IReadOnlyList<Signed<NodeRecord>>> FindAsync(
        Hash20 swarm,
        IReadOnlyList<NodeId> candidates,
        CancellationToken stop
    );

    /// <summary>Asks up to two supernodes whether a node is alive.</summary>
    /// <param name="swarm">The hash of a torrent that the node should hold.</param>
    Task<LivenessReport> CheckLivenessAsync(NodeId node, Hash20 swarm, CancellationToken stop);
}

/// <summary>The supernodes' answers about one node.</summary>
/// <param name="Answered">Supernodes that answered, 0–2.</param>
/// <param name="ReportedDead">Those of them that find the node dead or do not know it.</param>
public readonly record struct LivenessReport(int Answered, int ReportedDead);
