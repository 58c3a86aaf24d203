using Anatomic.Tracker.Memory;

namespace Anatomic.Tracker.Peers;

/// <summary>The peers of both address families.</summary>
internal class PeerSets
{
    public PeerSet<PeerV4> V4;
    public PeerSet<PeerV6> V6;

    public int Count => V4.Count + V6.Count;

    /// <summary>Counts clients, not addresses: a dual-stack client counts once, by its IPv4 entry.</summary>
    public int Seeds => V4.Seeds + V6.Seeds - V6.PairedSeeds;
    public int Leechers => V4.Leechers + V6.Leechers - (V6.Paired - V6.PairedSeeds);
    public int Paused => V4.Paused + V6.Paused;

    /// <summary>Removes all entries and releases the memory.</summary>
    public void Release(StoreContext store)
    {
        V4.Release(store);
        V6.Release(store);
    }
}
