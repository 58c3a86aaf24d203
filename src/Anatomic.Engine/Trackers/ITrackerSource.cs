using Anatomic.Wire;

namespace Anatomic.Engine.Trackers;

/// <summary>
/// Finds current announce URLs of a swarm when every tracker of its torrent fails or no longer has the torrent.
/// Supernodes know them. The engine does not know supernodes, so Hosting provides the implementation.
/// </summary>
public interface ITrackerSource
{
    /// <summary>
    /// Returns announce URLs of <paramref name="swarm"/> (v1 info-hash or truncated v2 info-hash), best first; empty
    /// when none is known.
    /// </summary>
    /// <exception cref="World.NetworkException">No source can be reached; the engine tries again later.</exception>
    ValueTask<IReadOnlyList<string>> FindAsync(Hash20 swarm, CancellationToken stop);
}
