using Anatomic.Federation.Supernodes;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Tests.Supernodes;

public class ManifestCursorTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static Hash32 Order(int number) => new((ulong)number, 1, 1, 1);

    private static ManifestHead Head(long epoch, long seq, long floor, params int[] live)
    {
        var digest = default(Hash32);
        foreach (var order in live.Select(Order).Select(ManifestDigest.Of))
        {
            digest = new Hash32(digest.A ^ order.A, digest.B ^ order.B, digest.C ^ order.C, digest.D ^ order.D);
        }
        return new ManifestHead
        {
            Epoch = epoch,
            Seq = seq,
            Floor = floor,
            Count = live.Length,
            Digest = digest,
            RecordSeq = 1,
            At = 0,
        };
    }

    private static ManifestCursor Following(params int[] live)
    {
        var cursor = new ManifestCursor();
        cursor.StartOver(7);
        foreach (var order in live)
        {
            cursor.Add(Order(order));
        }
        cursor.Complete(Head(7, 10, 0, live), Now).ShouldNotBeNull();
        return cursor;
    }

    [Fact]
    public void A_new_epoch_or_a_number_outside_floor_and_seq_starts_over()
    {
        var cursor = Following(1, 2);
        cursor.MustStartOver(Head(7, 10, 0, 1, 2), Now).ShouldBeFalse();
        cursor.MustStartOver(Head(7, 12, 10, 1, 2), Now).ShouldBeFalse();
        cursor.MustStartOver(Head(8, 10, 0, 1, 2), Now).ShouldBeTrue();
        cursor.MustStartOver(Head(7, 12, 11, 1, 2), Now).ShouldBeTrue();
        cursor.MustStartOver(Head(7, 9, 0, 1, 2), Now).ShouldBeTrue();
    }

    [Fact]
    public void A_digest_that_differs_starts_over_at_the_next_poll()
    {
        var cursor = Following(1, 2);
        cursor.Add(Order(3));
        cursor.Complete(Head(7, 11, 0, 1, 2, 4), Now).ShouldBeNull();
        cursor.MustStartOver(Head(7, 11, 0, 1, 2, 4), Now).ShouldBeTrue();
    }

    [Fact]
    public void A_whole_list_that_differs_from_its_own_head_is_not_read_again_at_once()
    {
        var cursor = new ManifestCursor();
        cursor.StartOver(7);
        cursor.Complete(Head(7, 10, 0, 1), Now).ShouldNotBeNull();
        cursor.MustStartOver(Head(7, 10, 0, 1), Now.AddMinutes(1)).ShouldBeFalse();
        cursor.Complete(Head(7, 11, 0, 1), Now.AddMinutes(1)).ShouldBeNull();
        cursor.MustStartOver(Head(7, 11, 0, 1), Now.AddMinutes(2)).ShouldBeFalse();
        cursor.MustStartOver(Head(7, 11, 0, 1), Now.AddMinutes(11)).ShouldBeTrue();
    }

    [Fact]
    public void A_manifest_that_was_given_up_is_ignored_for_an_hour()
    {
        var cursor = Following(1);
        cursor.GiveUp(Now);
        cursor.HasGivenUp.ShouldBeTrue();
        cursor.MustStartOver(Head(9, 10, 0, 1), Now.AddMinutes(59)).ShouldBeFalse();
        cursor.MustStartOver(Head(9, 10, 0, 1), Now.AddMinutes(61)).ShouldBeTrue();
        cursor.StartOver(9);
        cursor.HasGivenUp.ShouldBeFalse();
    }

    [Fact]
    public void A_digest_that_matches_continues()
    {
        var cursor = Following(1, 2);
        cursor.Add(Order(3));
        cursor.Remove(Order(1));
        cursor.Complete(Head(7, 12, 0, 2, 3), Now).ShouldBeNull();
        cursor.MustStartOver(Head(7, 12, 0, 2, 3), Now).ShouldBeFalse();
        cursor.Count.ShouldBe(2);
    }

    [Fact]
    public void Only_a_whole_list_returns_what_to_keep()
    {
        var cursor = Following(1, 2);
        cursor.StartOver(8);
        cursor.IsStartingOver.ShouldBeTrue();
        cursor.Add(Order(2));
        cursor.HasListed(Order(2)).ShouldBeTrue();
        cursor.HasListed(Order(1)).ShouldBeFalse();
        cursor.Complete(Head(8, 3, 0, 2), Now)!.ShouldBe([SupernodeIndex.PrefixOf(Order(2))]);
        cursor.IsStartingOver.ShouldBeFalse();
    }

    [Fact]
    public void A_failed_commit_starts_over()
    {
        var cursor = Following(1, 2);
        cursor.Distrust();
        cursor.MustStartOver(Head(7, 10, 0, 1, 2), Now).ShouldBeTrue();
        cursor.StartOver(7);
        cursor.Add(Order(1));
        cursor.Distrust();
        cursor.MustStartOver(Head(7, 10, 0, 1, 2), Now).ShouldBeTrue();
        cursor.StartOver(7);
        cursor.MustStartOver(Head(7, 10, 0, 1, 2), Now).ShouldBeFalse();
    }

    [Fact]
    public void Rejected_entries_are_retried_after_an_hour()
    {
        var cursor = Following(1);
        cursor.Rejected.Add(Order(1));
        cursor.MustStartOver(Head(7, 10, 0, 1), Now.AddMinutes(59)).ShouldBeFalse();
        cursor.MustStartOver(Head(7, 10, 0, 1), Now.AddMinutes(61)).ShouldBeTrue();
    }
}
