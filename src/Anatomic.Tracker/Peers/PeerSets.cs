using Anatomic.Tracker.Memory;

namespace Anatomic.Tracker.Peers;

/// <summary>Peers of both families.</summary>
internal class PeerSets
{
    public PeerSet<PeerV4> V4;
    public PeerSet<PeerV6> V6;

    public int Count => V4.Count + V6.Count;

    /// <summary>Clients, not addresses: of twins the IPv4 one counts.</summary>
    public int Seeds => V4.Seeds + V6.Seeds - V6.PairedSeeds;
    public int Leechers => V4.Leechers + V6.Leechers - (V6.Paired - V6.PairedSeeds);
    public int Paused => V4.Paused + V6.Paused;

    /// <summary>Empty, with the memory given back.</summary>
    public void Release(StoreContext store)
    {
        V4.Release(store);
        V6.Release(store);
    }
}
