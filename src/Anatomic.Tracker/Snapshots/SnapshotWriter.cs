using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Swarms;

namespace Anatomic.Tracker.Snapshots;

/// <summary>Writes the swarms that it visits to a chunk until the chunk is full. Continues in the next chunk.</summary>
internal struct SnapshotWriter(SnapshotChunk chunk, TimeSpan tick) : ISwarmVisitor
{
    /// <summary>The next peer of the current swarm: IPv4 peers first, then IPv6 peers.</summary>
    private int peer;

    public TrackerTime Now { get; set; }
    public long Records { get; private set; }
    public long Peers { get; private set; }

    public bool Visit(in SwarmSlot swarm, SwarmPeers peers)
    {
        if (peers.Count == 0 && swarm.Downloaded == 0 && swarm.LastAnnounce == SwarmSlot.Never)
        {
            return true;
        }
        // The swarm may have shrunk since its last part was written.
        peer = Math.Min(peer, peers.Count);
        if (chunk.FreeSpace.Length < SnapshotRecord.HeadBytes + SnapshotRecord.PeerBytesV6)
        {
            return false;
        }
        var into = chunk.FreeSpace;
        var at = SnapshotRecord.HeadBytes;
        var fromV4 = Math.Min(peer, peers.V4.Count);
        var countV4 = Write(peers.V4, fromV4, SnapshotRecord.PeerBytesV4, into, ref at);
        var fromV6 = peer + countV4 - peers.V4.Count;
        var countV6 = fromV6 < 0 ? 0 : Write(peers.V6, fromV6, SnapshotRecord.PeerBytesV6, into, ref at);
        var since = swarm.LastAnnounce == SwarmSlot.Never ? -1 : Math.Max(0, Now.Second - swarm.LastAnnounce);
        SnapshotRecord.WriteHead(into, swarm.Hash, swarm.Downloaded, since, countV4, countV6);
        chunk.Advance(at);
        Records++;
        Peers += countV4 + countV6;
        peer += countV4 + countV6;
        if (peer < peers.Count)
        {
            return false;
        }
        peer = 0;
        return true;
    }

    private readonly int Write<T>(in PeerSet<T> set, int from, int bytesEach, Span<byte> into, ref int at)
        where T : unmanaged, IPeerEntry<T>
    {
        var count = Math.Min(set.Count - from, (into.Length - at) / bytesEach);
        var (left, skip) = (count, from);
        for (var bucket = 0; left > 0; bucket++)
        {
            var peers = set.Entries(bucket);
            for (var i = skip; i < peers.Length && left > 0; i++, left--)
            {
                var state = peers[i].State;
                // Rounded up: reading it with the same tick length gives the same age.
                var age = (int)Math.Ceiling(PeerAge.TicksSinceAnnounce(state, Now.Tick) * tick.TotalSeconds);
                var isSeed = i >= set.LeechersIn(bucket);
                SnapshotRecord.WritePeer(into[at..], peers[i].Address, age, isSeed, PeerAge.IsPaused(state));
                at += bytesEach;
            }
            skip = Math.Max(0, skip - peers.Length);
        }
        return count;
    }
}
