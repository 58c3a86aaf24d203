using Anatomic.Tracker.Memory;
using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Swarms;

/// <summary>
/// A swarm with at most one IPv4 peer is stored in its slot alone. This class unpacks it for the duration of an
/// operation.
/// </summary>
internal sealed class SlotPacker(SwarmTable table, ShardContext shard)
{
    private SwarmPeers scratch = new();

    /// <summary>Returns the peers of a swarm. Call <see cref="Pack"/> before unpacking another one.</summary>
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

    /// <summary>
    /// Stores the peers that <see cref="Unpack"/> returned. A swarm that is empty and not planted is removed.
    /// </summary>
    /// <returns>The swarm's totals, as a scrape reports them.</returns>
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

    /// <summary>Releases the memory of all peers, when the shard is disposed of.</summary>
    public void ReleaseAll()
    {
        for (var slot = 0; slot < table.Slots; slot++)
        {
            table[slot].Peers?.ReleaseAll(shard);
        }
        scratch.ReleaseAll(shard);
    }
}
