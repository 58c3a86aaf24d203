using Anatomic.Wire;

namespace Anatomic.Engine.Trackers;

/// <summary>
/// Finds present announce URLs of a swarm when every tracker of its torrent fails or says that the torrent is not planted
/// there. Supernodes know them; the engine knows nothing of supernodes, so Hosting wires this.
/// </summary>
public interface ITrackerSource
{
    /// <summary>Announce URLs of <paramref name="swarm"/> (v1 info-hash or truncated v2 info-hash), best first; empty when none is known.</summary>
    ValueTask<IReadOnlyList<string>> FindAsync(Hash20 swarm, CancellationToken stop);
}
