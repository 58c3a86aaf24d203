using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Snapshots;

/// <summary>One record of a snapshot, to be restored.</summary>
internal readonly ref struct SavedSwarm(SnapshotRecord record, RestoreSettings settings) : ISavedSwarm
{
    private readonly SnapshotRecord record = record;

    public Hash20 Swarm => record.Swarm;

    public int Downloaded => record.Downloaded;

    public int LastAnnounce(in TrackerTime now)
    {
        var second = now.Second - record.SinceAnnounceSeconds - settings.Downtime.TotalSeconds;
        return record.SinceAnnounceSeconds < 0 || second <= SwarmSlot.Never ? SwarmSlot.Never : (int)second;
    }

    public int RestorePeers(SwarmPeers peers, in TrackerTime now, ShardContext shard) =>
        RestoreFamily<PeerV4>(peers, record.V4, SnapshotRecord.PeerBytesV4, now, shard)
        + RestoreFamily<PeerV6>(peers, record.V6, SnapshotRecord.PeerBytesV6, now, shard);

    private int RestoreFamily<T>(
        SwarmPeers peers,
        ReadOnlySpan<byte> saved,
        int bytesEach,
        in TrackerTime now,
        ShardContext shard
    )
        where T : unmanaged, IPeerEntry<T>
    {
        var count = 0;
        for (; saved.Length >= bytesEach; saved = saved[bytesEach..])
        {
            var (address, ageSeconds, isSeed, isPaused) = SnapshotRecord.ReadPeer(saved[..bytesEach]);
            var ticks = (ageSeconds + settings.Downtime.TotalSeconds) / settings.Tick.TotalSeconds;
            if (ticks < now.TimeoutTicks && IsValidPeer(address) && address.IsV4 == (T.CompactBytes == 6))
            {
                var announced = now.Tick - (int)ticks;
                // Due for partners, so its next announce reports it to them.
                var state = PeerAge.Pack(announced, now.Tick - shard.RenewTicks, isPaused);
                count += peers.TryRestore(T.From(address, state), isSeed, shard) ? 1 : 0;
            }
        }
        return count;
    }

    private bool IsValidPeer(in Endpoint address) =>
        address.Port != 0
        && AddressRules.IsUnicast(address)
        && (settings.AllowPrivate || AddressRules.IsPublic(address));
}
