using System.Buffers.Binary;
using System.Security.Cryptography;
using Anatomic.Federation.Orders;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using FsCheck;
using FsCheck.Fluent;

namespace Anatomic.Federation.Tests.Orders;

/// <summary>Compares the ledger with a plain dictionary after random sequences of changes.</summary>
public sealed class PlantLedgerModelTests
{
    private const int Orders = 40;
    private const int Epoch = 7;

    private enum Step
    {
        Put,
        PutAgain,
        Amend,
        Undo,
        Forget,
        Restart,
    }

    /// <param name="Op">The new state of the order.</param>
    /// <param name="Choice">A random number for other choices.</param>
    private sealed record Change(Step Step, int Order, ManifestOp Op, int Choice);

    private static Arbitrary<Change[]> Changes()
    {
        var step = Gen.Frequency(
            (8, Gen.Constant(Step.Put)),
            (3, Gen.Constant(Step.PutAgain)),
            (2, Gen.Constant(Step.Amend)),
            (3, Gen.Constant(Step.Undo)),
            (2, Gen.Constant(Step.Forget)),
            (1, Gen.Constant(Step.Restart))
        );
        var change =
            from what in step
            from order in Gen.Choose(0, Orders - 1)
            from op in Gen.Choose(1, 3)
            from choice in Gen.Choose(0, 1_000_000)
            select new Change(what, order, (ManifestOp)op, choice);
        return change.ArrayOf().Resize(200).ToArbitrary();
    }

    /// <summary>A plain implementation of the ledger's contract.</summary>
    private sealed class Model
    {
        private readonly SortedDictionary<Hash32, PlantEntry> entries = [];

        public long Seq { get; private set; }

        public long Floor { get; private set; }

        public IEnumerable<PlantEntry> All => entries.Values;

        public IEnumerable<PlantEntry> Live => entries.Values.Where(entry => entry.IsLive);

        public PlantEntry? Find(Hash32 order) => entries.GetValueOrDefault(order);

        public PlantEntry Put(PlantEntry entry) => Keep(entry with { Seq = ++Seq });

        public PlantEntry Keep(PlantEntry entry)
        {
            Seq = Math.Max(Seq, entry.Seq);
            return entries[entry.Digest] = entry with { Candidates = entry.IsLive ? entry.Candidates : [] };
        }

        public void Remove(Hash32 order) => entries.Remove(order);

        public void Forget(PlantEntry ended)
        {
            Floor = Math.Max(Floor, ended.Seq);
            entries.Remove(ended.Digest);
        }
    }

    /// <summary>
    /// Some orders share their planter, swarm, time or candidates. Every third one is of a hybrid torrent.
    /// </summary>
    private static PlantEntry EntryOf(int order, ManifestOp op, long now) =>
        new()
        {
            Digest = new Hash32(0, (ulong)order, 0, 1),
            Signer = new NodeId(new Hash32(1, 1, (ulong)order % 2, 1)),
            Swarms =
                order % 3 == 0
                    ? [new Hash20(1, (ulong)order % 5, 3), new Hash20(2, (ulong)order % 4, 3)]
                    : [new Hash20(1, (ulong)order % 5, 3)],
            Candidates = [.. Enumerable.Range(order % 7, 1 + (order % 12)).Select(IdOf)],
            Want = 1,
            At = 1000 + order,
            Op = op,
            Reason = op == ManifestOp.Planted ? NotHeldReason.Unknown : NotHeldReason.Dropped,
            Since = now * 1000,
            LastPeer = now * 2000,
        };

    private static NodeId IdOf(int number) => new(new Hash32(9, 9, 9, (ulong)number));

    [Fact]
    public void The_ledger_matches_a_plain_dictionary() =>
        Prop.ForAll(
                Changes(),
                changes =>
                {
                    var (ledger, model) = (new PlantLedger(Epoch, seed: 5), new Model());
                    foreach (var change in changes)
                    {
                        ledger = Apply(change, ledger, model);
                        Compare(ledger, model, change);
                    }
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Thousands_of_changes_close_every_hole()
    {
        var (ledger, model) = (new PlantLedger(Epoch, seed: 5), new Model());
        for (var i = 0; i < 6000; i++)
        {
            var op = (ManifestOp)(1 + (i * 7 % 3));
            var before = model.Find(EntryOf(i * 31 % Orders, op, i).Digest);
            ledger.Put(EntryOf(i * 31 % Orders, op, i));
            model.Put(EntryOf(i * 31 % Orders, op, i));
            if (i % 1500 == 1400 && before is not null)
            {
                // Its own hole may be closed by now, so it must find its position again.
                for (var more = 0; more < 1300; more++)
                {
                    ledger.Put(EntryOf(1, ManifestOp.Planted, more));
                    model.Put(EntryOf(1, ManifestOp.Planted, more));
                }
                ledger.Undo(before.Digest, before);
                model.Keep(before);
            }
        }
        Compare(ledger, model, new Change(Step.Put, 0, ManifestOp.Planted, 0));
    }

    private static PlantLedger Apply(Change change, PlantLedger ledger, Model model)
    {
        var entry = EntryOf(change.Order, change.Op, change.Choice % 1000);
        var known = model.Find(entry.Digest);
        switch (change.Step)
        {
            case Step.Put:
                ledger.Put(entry).ShouldBe(model.Put(entry));
                break;
            case Step.PutAgain when known is not null:
                // As a node does it: a known order is changed and held again.
                var again = known with
                {
                    Op = change.Op,
                    Candidates = entry.Candidates,
                };
                ledger.Put(again).ShouldBe(model.Put(again));
                break;
            case Step.Amend when known is not null:
                var amended = known with { LastPeer = change.Choice * 1000L };
                ledger.Amend(amended);
                model.Keep(amended);
                break;
            case Step.Undo:
                ledger.Put(entry);
                model.Put(entry);
                // Another order changes in between.
                var other = EntryOf((change.Order + 1) % Orders, change.Op, 1);
                ledger.Put(other);
                model.Put(other);
                ledger.Undo(entry.Digest, known);
                _ = known is null ? null : model.Keep(known);
                if (known is null)
                {
                    model.Remove(entry.Digest);
                }
                break;
            case Step.Forget when known is { IsLive: false }:
                ledger.Forget(known);
                model.Forget(known);
                break;
            case Step.Restart:
                return Restart(ledger, model);
        }
        return ledger;
    }

    /// <summary>Restores the entries as a store returns them: sorted by digest.</summary>
    private static PlantLedger Restart(PlantLedger ledger, Model model)
    {
        var fresh = new PlantLedger(Epoch, seed: 6);
        foreach (var entry in model.All)
        {
            fresh.Restore(entry);
        }
        fresh.ResumeAt(ledger.Seq, ledger.Floor);
        return fresh;
    }

    private static void Compare(PlantLedger ledger, Model model, Change after)
    {
        var what = after.ToString();
        (ledger.Seq, ledger.Floor, ledger.Count).ShouldBe((model.Seq, model.Floor, model.Live.Count()), what);
        ledger.Digest.ShouldBe(XorOf(model.Live, entry => entry.Digest.ToArray()), what);
        ledger.Fingerprint.ShouldBe(XorOf(model.All, NameOf), what);
        for (var order = 0; order < Orders; order++)
        {
            var entry = EntryOf(order, ManifestOp.Planted, 0);
            ledger.Find(entry.Digest).ShouldBe(model.Find(entry.Digest), what);
            var ofBoth = model.All.Where(one => (one.Signer, one.FirstSwarm) == (entry.Signer, entry.FirstSwarm));
            ledger.NewestOf(entry.Signer, entry.FirstSwarm).ShouldBe(ofBoth.MaxBy(one => one.At), what);
            foreach (var swarm in entry.Swarms)
            {
                ledger.IsHeld(swarm).ShouldBe(model.Live.Any(one => one.Swarms.Contains(swarm)), what);
            }
        }
        var manifest = model.All.OrderBy(entry => entry.Seq).ToArray();
        foreach (var since in (long[])[0, after.Choice % (model.Seq + 1), model.Seq, model.Seq + 1])
        {
            var from = since > model.Seq ? 0 : since;
            var page = manifest.Where(entry => entry.Seq > from).Take(9);
            ledger
                .Page(Epoch, since, 9)
                .ShouldBe(page.Select(entry => new ManifestEntry(entry.Seq, entry.Op, entry.Digest)), what);
        }
        ledger.Page(Epoch + 1, model.Seq, Orders).Count.ShouldBe(manifest.Length, what);
    }

    private static byte[] NameOf(PlantEntry entry)
    {
        var seq = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(seq, entry.Seq);
        return [.. entry.Digest.ToArray(), .. seq];
    }

    private static Hash32 XorOf(IEnumerable<PlantEntry> entries, Func<PlantEntry, byte[]> text)
    {
        var xor = new byte[Hash32.Length];
        foreach (var entry in entries)
        {
            var hash = SHA256.HashData(text(entry));
            for (var i = 0; i < xor.Length; i++)
            {
                xor[i] ^= hash[i];
            }
        }
        return new Hash32(xor);
    }
}
