using System.Security.Cryptography;
using Anatomic.Federation.Orders;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using FsCheck;
using FsCheck.Fluent;

namespace Anatomic.Federation.Tests.Orders;

public sealed class PlantLedgerTests
{
    private static PlantEntry Entry(byte order, ManifestOp op) =>
        new()
        {
            Digest = new Hash32(order, 0, 0, 0),
            Signer = new NodeId(new Hash32(order, 1, 1, 1)),
            Swarms = [new Hash20((ulong)(order % 4), 0, 0)],
            Candidates = [default],
            Want = 1,
            At = order,
            Op = op,
            Since = 0,
            LastPeer = 0,
        };

    [Fact]
    public void A_follower_of_the_manifest_knows_exactly_what_the_node_holds() =>
        Prop.ForAll<(byte Order, bool IsLive)[]>(changes =>
            {
                var ledger = new PlantLedger(7, seed: 1);
                var follower = new SortedSet<Hash32>();
                var since = 0L;
                foreach (var (order, isLive) in changes)
                {
                    ledger.Put(Entry(order, isLive ? ManifestOp.Planted : ManifestOp.Dropped));
                    if (order % 3 != 0)
                    {
                        continue;
                    }
                    since = Follow(ledger, follower, since);
                }
                Follow(ledger, follower, since);
                return follower.Count == ledger.Count && DigestOf(follower) == ledger.Digest;
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void An_undone_change_leaves_the_ledger_unchanged()
    {
        var ledger = new PlantLedger(7, seed: 1);
        var tombstone = ledger.Put(Entry(1, ManifestOp.Unplanted));
        var (digest, fingerprint) = (ledger.Digest, ledger.Fingerprint);
        var newer = tombstone with { Digest = new Hash32(2, 0, 0, 0), Op = ManifestOp.Planted, At = 99 };
        ledger.Put(newer);
        ledger.Fingerprint.ShouldNotBe(fingerprint);
        ledger.Undo(newer.Digest, null);
        (ledger.Digest, ledger.Fingerprint, ledger.Count).ShouldBe((digest, fingerprint, 0));
        // The tombstone still blocks older orders.
        ledger.NewestOf(tombstone.Signer, tombstone.FirstSwarm).ShouldBe(tombstone);
    }

    private static long Follow(PlantLedger ledger, SortedSet<Hash32> follower, long since)
    {
        while (ledger.Page(7, since, 2) is { Count: > 0 } page)
        {
            foreach (var entry in page)
            {
                _ = entry.Op == ManifestOp.Planted ? follower.Add(entry.Order) : follower.Remove(entry.Order);
                since = entry.Seq;
            }
        }
        return since;
    }

    private static Hash32 DigestOf(IEnumerable<Hash32> orders)
    {
        var digest = new byte[32];
        foreach (var order in orders)
        {
            var hash = SHA256.HashData(order.ToArray());
            for (var i = 0; i < 32; i++)
            {
                digest[i] ^= hash[i];
            }
        }
        return new Hash32(digest);
    }

    [Fact]
    public void Another_epoch_or_an_impossible_number_starts_over()
    {
        var ledger = new PlantLedger(7, seed: 1);
        ledger.Put(Entry(1, ManifestOp.Planted));
        ledger.Put(Entry(2, ManifestOp.Planted));

        ledger.Page(7, 1, 10).Count.ShouldBe(1);
        ledger.Page(8, 1, 10).Count.ShouldBe(2);
        ledger.Page(7, 9, 10).Count.ShouldBe(2);
    }

    [Fact]
    public void A_failed_change_is_undone()
    {
        var ledger = new PlantLedger(7, seed: 1);
        var before = ledger.Put(Entry(1, ManifestOp.Planted));
        var digest = ledger.Digest;
        ledger.Put(Entry(1, ManifestOp.Unplanted));

        ledger.Undo(before.Digest, before);

        (ledger.Count, ledger.Digest).ShouldBe((1, digest));
        ledger.Find(before.Digest).ShouldBe(before);
        ledger.IsHeld(before.FirstSwarm).ShouldBeTrue();
    }

    [Fact]
    public void A_stored_plant_with_a_flipped_bit_is_not_read()
    {
        var order = Sample.Order([1]);
        var entry = PlantEntry.Of(order, ManifestOp.Planted, now: 0);
        var bytes = new StoredPlant(entry, order.Envelope, null).Write();
        StoredPlant.TryRead(order.Digest.ToArray(), bytes, Sample.Local.Name, out var row).ShouldBeTrue();
        row!.Order.Raw.ToArray().ShouldBe(order.Raw.ToArray());
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 4;
            StoredPlant.TryRead(order.Digest.ToArray(), bytes, Sample.Local.Name, out _).ShouldBeFalse($"byte {at}");
            bytes[at] ^= 4;
        }
    }
}
