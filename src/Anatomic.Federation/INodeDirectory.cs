using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation;

/// <summary>What a node asks its supernodes about others.</summary>
public interface INodeDirectory
{
    /// <summary>
    /// The newest records of those of the candidates that a supernode knows, verified; asked with the torrent's hash, so that the
    /// supernodes responsible for it are reached. Empty when none answers.
    /// </summary>
    Task<IReadOnlyList<Signed<NodeRecord>>> FindAsync(
        Hash20 swarm,
        IReadOnlyList<NodeId> candidates,
        CancellationToken stop
    );

    /// <summary>What up to 2 supernodes say about a node: how many answered, and how many of them find it dead.</summary>
    Task<LivenessReport> CheckLivenessAsync(NodeId node, Hash20 swarm, CancellationToken stop);
}

/// <param name="Answered">Supernodes that answered, 0–2.</param>
/// <param name="ReportedDead">Those of them that find the node dead, or do not know it.</param>
public readonly record struct LivenessReport(int Answered, int ReportedDead);
