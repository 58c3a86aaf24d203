using Anatomic.Federation.Orders;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>A node's answer to a batch.</summary>
/// <param name="Status">200, or the status of the rejection.</param>
/// <param name="Message">One sentence for a person, when the batch is rejected.</param>
/// <param name="NotHeld">Orders of the batch that this node does not hold.</param>
public sealed record BatchResult(int Status, string Message, IReadOnlyList<NotHeld> NotHeld);

/// <summary>
/// Validates batches of partners and passes valid peers to the tracker. It checks, in this order: the sender, the
/// recipient, sequence number and time, the signature; then that the sender is a candidate of each order; then each
/// address.
/// </summary>
public sealed class BatchValidator(
    NodeId self,
    NetworkOptions network,
    ItemReader reader,
    PlantLedger ledger,
    PeerSharingState sharing,
    ITrackedSwarms swarms
)
{
    /// <summary>
    /// Called with the ledger's row of an order for which a partner reports peers, so that the plant does not expire.
    /// </summary>
    public Action<int> PeersSeen { get; init; } = static _ => { };

    /// <summary>Validates a batch and applies what is valid in it.</summary>
    public BatchResult Apply(PeersRequest request, DateTimeOffset now)
    {
        if (!Signed.TryReadUnverified<PeerBatch>(request.Batch, network.Name, out var batch, out var fault))
        {
            return Reject(422, fault.ToString());
        }
        if (batch.Item.To != self)
        {
            return Reject(409, $"the batch is for another node; this node is {self}");
        }
        if (sharing.Find(batch.Signer) is not { } partner)
        {
            // A candidate of no order held here only learns that. Nothing else in its batch counts.
            return new BatchResult(200, "", NotHeldOf(batch.Item));
        }
        if (CheckFreshness(batch.Item, partner, now) is { } stale)
        {
            return Reject(409, stale);
        }
        if (!reader.Verify(batch))
        {
            return Reject(422, "the batch's signature is not valid for its key in this network");
        }
        partner.LastSeq = batch.Item.Seq;
        if (
            request.Record is not null
            && reader.TryRead<NodeRecord>(request.Record, now, out var record, out _)
            && record.Signer == batch.Signer
        )
        {
            sharing.UpdateRecord(record);
        }
        sharing.MarkHeard(partner, now);
        sharing.UpdateBoot(partner, batch.Item.Boot, now);
        foreach (var share in batch.Item.Shares)
        {
            ApplyShare(partner, share, now);
        }
        return new BatchResult(200, "", NotHeldOf(batch.Item));
    }

    private static string? CheckFreshness(PeerBatch batch, Partner partner, DateTimeOffset now)
    {
        if (ItemReader.CheckSkew(batch.At, now) is { } skew)
        {
            return skew.What;
        }
        if (now.ToUnixTimeMilliseconds() - batch.At > (long)FederationLimits.MaxBatchAge.TotalMilliseconds)
        {
            return "the batch is more than 10 minutes old; check both clocks";
        }
        return batch.Seq <= partner.LastSeq ? "a batch with this or a higher number was already received" : null;
    }

    private List<NotHeld> NotHeldOf(PeerBatch batch)
    {
        var notHeld = new List<NotHeld>();
        foreach (var order in batch.Shares.Select(share => share.Order).Distinct())
        {
            var row = ledger.RowOf(order);
            if (row < 0 || !ledger[row].IsLive)
            {
                notHeld.Add(new NotHeld(order, row < 0 ? NotHeldReason.Unknown : ledger[row].Reason));
            }
        }
        return notHeld;
    }

    private void ApplyShare(Partner partner, PeerShare share, DateTimeOffset now)
    {
        var row = ledger.RowOf(share.Order);
        if (row < 0 || ledger.PlaceOf(row, partner.Number) < 0 || !ledger.SwarmsOf(row).Contains(share.Swarm))
        {
            return;
        }
        sharing.MarkHolding(partner, share.Order, now);
        swarms.AddShared(
            share.Swarm,
            partner.Id.Value,
            AllowedPeers(partner, share, now).ToArray(),
            share.Gone.Where(gone => AddressRules.MayShare(gone, network.AllowsPrivate)).ToArray(),
            share.Totals
        );
        if (share.Totals.Count > 0)
        {
            PeersSeen(row);
        }
    }

    /// <summary>
    /// Applies the limit per /24 or /48, partner and torrent. It holds over time, not only within one batch.
    /// </summary>
    private IEnumerable<SwarmPeer> AllowedPeers(Partner partner, PeerShare share, DateTimeOffset now)
    {
        var shareable = share.Peers.Where(peer => AddressRules.MayShare(peer.Address, network.AllowsPrivate));
        if (network.AllowsPrivate)
        {
            return shareable;
        }
        if (!partner.SharedAddresses.TryGetValue(share.Swarm, out var remembered))
        {
            partner.SharedAddresses.Add(share.Swarm, remembered = []);
        }
        foreach (var gone in share.Gone)
        {
            remembered.Remove(gone);
        }
        foreach (var old in remembered.Where(one => one.Value <= now).Select(one => one.Key).ToArray())
        {
            remembered.Remove(old);
        }
        var counts = new Dictionary<Endpoint, int>();
        foreach (var address in remembered.Keys)
        {
            var prefix = AddressRules.PrefixOf(address);
            counts[prefix] = counts.GetValueOrDefault(prefix) + 1;
        }
        var allowed = new List<SwarmPeer>();
        foreach (var peer in shareable)
        {
            var prefix = AddressRules.PrefixOf(peer.Address);
            var isKnown = remembered.ContainsKey(peer.Address);
            if (
                !isKnown
                && (
                    counts.GetValueOrDefault(prefix) >= network.MaxSharedPerPrefix
                    || remembered.Count >= FederationLimits.MaxRememberedAddresses
                )
            )
            {
                continue;
            }
            counts[prefix] = counts.GetValueOrDefault(prefix) + (isKnown ? 0 : 1);
            remembered[peer.Address] = now + FederationLimits.RememberedAddressLifetime;
            allowed.Add(peer);
        }
        return allowed;
    }

    private static BatchResult Reject(int status, string message) => new(status, message, []);
}
