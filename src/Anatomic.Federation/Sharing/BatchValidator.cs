using Anatomic.Federation.Orders;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>What a node says to a batch.</summary>
/// <param name="Status">200, or the refusal.</param>
/// <param name="Line">One clear line for a person, when it is refused.</param>
/// <param name="NotHeld">Orders of the batch that are not held here.</param>
public sealed record BatchResult(int Status, string Line, IReadOnlyList<NotHeld> NotHeld);

/// <summary>
/// Judges batches of fellow holders and hands what is good to the tracker. Checked in this order: signer known, recipient,
/// sequence number and time, signature; then each entry against the candidates of that very order; then each address.
/// </summary>
public sealed class BatchValidator(
    NodeId self,
    NetworkOptions network,
    ItemReader reader,
    PlantLedger ledger,
    PeerSharingState book,
    ITrackedSwarms swarms
)
{
    /// <summary>Called with the ledger's row of an order whose partner tells of peers, so that the plant does not expire.</summary>
    public Action<int> PeersSeen { get; init; } = static _ => { };

    public BatchResult Judge(PeersRequest post, DateTimeOffset now)
    {
        if (!Signed.TryReadUnverified<PeerBatch>(post.Batch, network.Name, out var batch, out var fault))
        {
            return Refuse(422, fault.ToString());
        }
        if (batch.Item.To != self)
        {
            return Refuse(409, $"this node is {self}; the batch is for another");
        }
        if (book.Find(batch.Signer) is not { } partner)
        {
            // It is not in any order held here: it is told so, and nothing it says is looked at.
            return new BatchResult(200, "", NotHeldOf(batch.Item));
        }
        if (Late(batch.Item, partner, now) is { } late)
        {
            return Refuse(409, late);
        }
        if (!reader.Verify(batch))
        {
            return Refuse(422, "the batch's signature is not that of its key in this network");
        }
        partner.SeqSeen = batch.Item.Seq;
        if (
            post.Record is not null
            && reader.TryRead<NodeRecord>(post.Record, now, out var record, out _)
            && record.Signer == batch.Signer
        )
        {
            book.Learn(record);
        }
        book.Heard(partner, now);
        book.MeetBoot(partner, batch.Item.Boot, now);
        foreach (var share in batch.Item.Shares)
        {
            Take(partner, share, now);
        }
        return new BatchResult(200, "", NotHeldOf(batch.Item));
    }

    private static string? Late(PeerBatch batch, Partner partner, DateTimeOffset now)
    {
        if (ItemReader.SkewOf(batch.At, now) is { } skew)
        {
            return skew.What;
        }
        if (now.ToUnixTimeMilliseconds() - batch.At > (long)SharingLimits.MaxBehind.TotalMilliseconds)
        {
            return "the batch is more than 10 minutes old; set the clocks right";
        }
        return batch.Seq <= partner.SeqSeen ? "a batch with this number or a higher one has come already" : null;
    }

    private List<NotHeld> NotHeldOf(PeerBatch batch)
    {
        var not = new List<NotHeld>();
        foreach (var order in batch.Shares.Select(share => share.Order).Distinct())
        {
            var row = ledger.RowOf(order);
            if (row < 0 || !ledger[row].IsLive)
            {
                not.Add(new NotHeld(order, row < 0 ? NotHeldReason.Unknown : ledger[row].Reason));
            }
        }
        return not;
    }

    private void Take(Partner partner, PeerShare share, DateTimeOffset now)
    {
        var row = ledger.RowOf(share.Order);
        if (row < 0 || ledger.PlaceOf(row, partner.Number) < 0 || !ledger.SwarmsOf(row).Contains(share.Swarm))
        {
            return;
        }
        book.TakesPart(partner, share.Order, now);
        var taken = Allowed(partner, share, now);
        swarms.AddShared(
            share.Swarm,
            partner.Id.Value,
            taken.ToArray(),
            share.Gone.Where(gone => AddressRules.MayShare(gone, network.AllowsPrivate)).ToArray(),
            share.Totals
        );
        if (share.Totals.Count > 0)
        {
            PeersSeen(row);
        }
    }

    // At most 4 addresses of a /24 or /48, a partner and torrent, over time and not only within one batch.
    private IEnumerable<SwarmPeer> Allowed(Partner partner, PeerShare share, DateTimeOffset now)
    {
        var shareable = share.Peers.Where(peer => AddressRules.MayShare(peer.Address, network.AllowsPrivate));
        if (network.AllowsPrivate)
        {
            return shareable;
        }
        if (!partner.Taken.TryGetValue(share.Swarm, out var remembered))
        {
            partner.Taken.Add(share.Swarm, remembered = []);
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
                    || remembered.Count >= SharingLimits.MaxRemembered
                )
            )
            {
                continue;
            }
            counts[prefix] = counts.GetValueOrDefault(prefix) + (isKnown ? 0 : 1);
            remembered[peer.Address] = now + SharingLimits.Remembered;
            allowed.Add(peer);
        }
        return allowed;
    }

    private static BatchResult Refuse(int status, string line) => new(status, line, []);
}
