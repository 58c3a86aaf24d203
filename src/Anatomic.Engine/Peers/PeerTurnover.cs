using Anatomic.Engine.Connections;
using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>What decides whether a connection keeps its place.</summary>
/// <param name="Number">The peer's number.</param>
/// <param name="Remote">Its address.</param>
/// <param name="AmInterested">We want its pieces.</param>
/// <param name="IsInterested">It wants ours.</param>
/// <param name="SinceUseful">Time since a block was transferred, or since it connected.</param>
/// <param name="IsProtected">The user named the peer; it always keeps its place.</param>
internal readonly record struct PeerPlace(
    int Number,
    Endpoint Remote,
    bool AmInterested,
    bool IsInterested,
    TimeSpan SinceUseful,
    bool IsProtected
);

/// <summary>
/// Decides which connection of a full torrent a new one replaces, so that whoever came first cannot shut out the rest:
/// one of a host or a network that has more connections than the newcomer's, or else one that is useless to us.
/// </summary>
internal static class PeerTurnover
{
    /// <summary>The number of the peer to replace; null when all are worth more than a newcomer.</summary>
    /// <param name="peers">The connected peers.</param>
    /// <param name="newcomer">The address of the new connection.</param>
    /// <param name="isSeeding">We want nothing from anybody, so no peer is useless only because of that.</param>
    public static int? FindReplaceable(IReadOnlyList<PeerPlace> peers, Endpoint newcomer, bool isSeeding) =>
        FindOverRepresented(peers, AddressPrefix.HostOf(newcomer), place => AddressPrefix.HostOf(place.Remote))
        ?? FindOverRepresented(peers, AddressPrefix.NetworkOf(newcomer), place => AddressPrefix.NetworkOf(place.Remote))
        ?? FindUseless(peers, isSeeding);

    /// <summary>The most useless peer that anybody may replace; null when there is none.</summary>
    public static int? FindUseless(IReadOnlyList<PeerPlace> peers, bool isSeeding)
    {
        var patience = isSeeding ? EngineLimits.SeedingTurnoverDelay : EngineLimits.TurnoverDelay;
        return LeastUseful(peers.Where(place => place.SinceUseful > patience && (isSeeding || !place.AmInterested)));
    }

    private static int? FindOverRepresented(
        IReadOnlyList<PeerPlace> peers,
        AddressPrefix newcomer,
        Func<PeerPlace, AddressPrefix> groupOf
    )
    {
        var heaviest = peers.GroupBy(groupOf).MaxBy(group => group.Count());
        // The newcomer's group must stay the smaller one, or the two would replace each other in turns.
        return heaviest is null || heaviest.Count() <= peers.Count(place => groupOf(place) == newcomer) + 1
            ? null
            : LeastUseful(heaviest.Where(place => place.SinceUseful > EngineLimits.BusyPeerTime));
    }

    private static int? LeastUseful(IEnumerable<PeerPlace> peers)
    {
        PeerPlace? least = null;
        foreach (var place in peers)
        {
            if (!place.IsProtected && (least is not { } other || IsLessUseful(place, other)))
            {
                least = place;
            }
        }
        return least?.Number;
    }

    private static bool IsLessUseful(in PeerPlace a, in PeerPlace b)
    {
        if (a.AmInterested != b.AmInterested)
        {
            return b.AmInterested;
        }
        return a.IsInterested != b.IsInterested ? b.IsInterested : a.SinceUseful > b.SinceUseful;
    }
}
