using Anatomic.Tracker.Memory;
using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Swarms;

/// <summary>A swarm of one IPv4 peer or none stands in its slot alone; this unpacks it for the time of an operation.</summary>
internal sealed class SlotPacker(SwarmTable table, ShardContext shard)
{
    private SwarmPeers scratch = new();

    /// <summary>To be given back by <see cref="Pack"/> before the next one is unpacked.</summary>
    public SwarmPeers Unpack(ref SwarmSlot swarm)
    {
        if (swarm.Peers is not null)
        {
            return swarm.Peers;
        }
        if ((swarm.State & SwarmState.HasSingle) != SwarmState.None)
        {
            scratch.V4.Insert(swarm.Single, (swarm.State & SwarmState.SingleIsSeed) != SwarmState.None, shard);
        }
        return scratch;
    }

    /// <summary>Puts back what <see cref="Unpack"/> gave; a swarm that has nobody and is not planted ceases to be.</summary>
    /// <returns>Who is known to be in it.</returns>
    public SwarmTotals Pack(int slot, SwarmPeers peers, bool mayShrink = false)
    {
        ref var swarm = ref table[slot];
        var totals = peers.KnownTotals();
        var isEmpty = peers.IsEmpty;
        var isSmall = isEmpty || peers.FitsInSlot;
        if (!isSmall && peers == scratch)
        {
            swarm.Peers = scratch;
            scratch = new SwarmPeers();
            shard.Budget.AddMemory(AllocationSize.SwarmPeersBytes);
        }
        if (isSmall && (mayShrink || peers == scratch))
        {
            swarm.State &= ~(SwarmState.HasSingle | SwarmState.SingleIsSeed);
            if (peers.FitsInSlot)
            {
                swarm.Single = peers.V4.Entries(0)[0];
                swarm.State |= SwarmState.HasSingle | (peers.Seeds > 0 ? SwarmState.SingleIsSeed : SwarmState.None);
            }
            if (peers != scratch)
            {
                peers.Release(shard);
                shard.Budget.AddMemory(-AllocationSize.SwarmPeersBytes);
                swarm.Peers = null;
            }
            scratch.V4.Clear();
            if (isEmpty && !swarm.IsPlanted)
            {
                table.Remove(slot);
                shard.Budget.ReleaseSwarm();
            }
        }
        else
        {
            swarm.CacheTotals(totals, peers.Paused);
        }
        return totals;
    }

    /// <summary>Gives the memory of all peers back: the end of the shard.</summary>
    public void ReleaseAll()
    {
        for (var slot = 0; slot < table.Slots; slot++)
        {
            table[slot].Peers?.ReleaseAll(shard);
        }
        scratch.ReleaseAll(shard);
    }
}
