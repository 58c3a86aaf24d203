using Anatomic.Tracker.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Snapshots;

/// <summary>How old what stands in a snapshot has become meanwhile.</summary>
/// <param name="Downtime">Since it was saved, by the clock on the wall.</param>
/// <param name="Tick">The length of a tick.</param>
/// <param name="AllowPrivate">Whether addresses that are not of the public Internet are peers.</param>
internal sealed record SnapshotRestoring(TimeSpan Downtime, TimeSpan Tick, bool AllowPrivate)
{
    /// <summary>The second of the last announce, before the start; <see cref="SwarmSlot.Never"/>: there was none, or very long ago.</summary>
    public int LastAnnounce(in SnapshotRecord record, in TrackerTime now)
    {
        var second = now.Second - record.SinceAnnounceSeconds - Downtime.TotalSeconds;
        return record.SinceAnnounceSeconds < 0 || second <= SwarmSlot.Never ? SwarmSlot.Never : (int)second;
    }

    /// <summary>Puts the peers of one family that are young enough back; returns their number.</summary>
    public int Put<T>(SwarmPeers peers, ReadOnlySpan<byte> told, int bytesEach, in TrackerTime now, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        var count = 0;
        for (; told.Length >= bytesEach; told = told[bytesEach..])
        {
            var (address, ageSeconds, isSeed, isPaused) = SnapshotRecord.ReadPeer(told[..bytesEach]);
            var ticks = (ageSeconds + Downtime.TotalSeconds) / Tick.TotalSeconds;
            if (ticks < now.TimeoutTicks && IsPeer(address) && address.IsV4 == (T.CompactBytes == 6))
            {
                var announced = now.Tick - (int)ticks;
                // Partners are told at its next announce.
                var state = PeerAge.Pack(announced, now.Tick - shard.RenewTicks, isPaused);
                count += peers.TryRestore(T.From(address, state), isSeed, shard) ? 1 : 0;
            }
        }
        return count;
    }

    private bool IsPeer(in Endpoint address) =>
        address.Port != 0 && AddressRules.IsUnicast(address) && (AllowPrivate || AddressRules.IsPublic(address));
}
