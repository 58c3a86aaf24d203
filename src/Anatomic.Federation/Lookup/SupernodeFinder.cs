using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Federation.Lookup;

/// <summary>
/// Asks supernodes where a torrent is held now: for a client whose trackers all fail or no longer know it. The supernodes'
/// ids are challenged before their word counts, and what they pass on is checked for the signatures of those it is about.
/// </summary>
public sealed class SupernodeFinder(IWorld world, string network)
{
    /// <param name="swarm">The v1 hash or the truncated v2 hash.</param>
    /// <param name="supernodes">As <c>URL#id</c>, from the torrent and from one's own list; two or more are asked at once.</param>
    /// <param name="stop">Ends the search.</param>
    /// <returns>Announce URLs of the present holders, best first; empty when nobody knows the torrent.</returns>
    /// <exception cref="NetworkException">No supernode answered.</exception>
    public Task<IReadOnlyList<FoundHolder>> FindAsync(
        Hash20 swarm,
        IReadOnlyList<string> supernodes,
        CancellationToken stop
    ) => throw new NotSupportedException($"comes within the hour {world} {network}");
}

/// <summary>A present holder.</summary>
/// <param name="Id">The node's id.</param>
/// <param name="AnnounceUrls">Its trackers: HTTP first, then UDP where it has it.</param>
public sealed record FoundHolder(Hash32 Id, IReadOnlyList<string> AnnounceUrls);
