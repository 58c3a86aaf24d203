using Anatomic.Engine.Picking;
using Anatomic.Testing;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Tests.Picking;

public class RequestSchedulerTests
{
    private const int PieceBytes = 4 * PeerLimits.BlockBytes;

    private readonly ManualClock clock = new();
    private readonly DownloadTotals totals = new();
    private readonly PiecePicker picker;
    private readonly RequestScheduler requests;
    private readonly int pieceCount;
    private int lastNumber;

    public RequestSchedulerTests()
        : this(8) { }

    private RequestSchedulerTests(int pieceCount)
    {
        this.pieceCount = pieceCount;
        picker = new PiecePicker(pieceCount, _ => 4, new SeededEntropy(1));
        requests = new RequestScheduler(picker, _ => PieceBytes, totals, clock)
        {
            FreePieces = () => 100,
            PieceStarted = _ => { },
        };
    }

    private DateTimeOffset Now => clock.GetUtcNow();

    [Fact]
    public void A_block_of_wrong_length_ends_its_request_and_the_source()
    {
        var source = AddSource();
        requests.Request(source, Now);
        var wrong = source.Asked[0] with { Length = 10 };
        requests.Receive(source, wrong, Now, out var fault).ShouldBeFalse();
        fault!.What.ShouldBe("the peer sent 10 bytes for a block of 16,384");
        requests.FindDifference().ShouldBeNull();
        requests.Remove(source);
        picker.RequestCount.ShouldBe(0);
        var other = AddSource();
        Download(other);
        picker.Remaining.ShouldBe(0);
    }

    [Fact]
    public void A_block_at_an_offset_that_is_never_requested_ends_the_source()
    {
        var source = AddSource();
        requests.Request(source, Now);
        requests.Receive(source, source.Asked[0] with { Begin = 5 }, Now, out var fault).ShouldBeFalse();
        fault.ShouldNotBeNull();
    }

    [Fact]
    public void Unrequested_blocks_count_as_redundant_until_they_are_too_many()
    {
        var source = AddSource();
        Fault? fault = null;
        var sent = 0;
        while (fault is null)
        {
            requests.Receive(source, new BlockRange(new PieceIndex(0), 0, PeerLimits.BlockBytes), Now, out fault);
            sent++;
        }
        sent.ShouldBe(EngineLimits.MaxUnrequestedBlocks + 1);
        totals.RedundantBytes.ShouldBe((long)sent * PeerLimits.BlockBytes);
    }

    [Fact]
    public void A_rejected_block_is_not_requested_again_until_the_source_unchokes_us()
    {
        var source = AddSource();
        requests.Request(source, Now);
        foreach (var block in source.Asked.ToArray())
        {
            requests.Rejected(source, block, isChoking: false, Now).ShouldBeNull();
        }
        var rejected = source.Asked.Select(block => block.Piece).ToHashSet();
        source.Asked.Clear();
        requests.Request(source, Now);
        source.Asked.ShouldAllBe(block => !rejected.Contains(block.Piece));
        requests.FindDifference().ShouldBeNull();
        RequestScheduler.Unchoked(source, Now).ShouldBeNull();
        source.RejectedPieces.ShouldBeEmpty();
    }

    [Fact]
    public void A_rejected_block_is_requested_again_after_a_pause()
    {
        var source = AddSource();
        requests.Request(source, Now);
        var first = source.Asked[0];
        foreach (var block in source.Asked.ToArray())
        {
            requests.Rejected(source, block, isChoking: false, Now);
        }
        source.Asked.Clear();
        clock.Jump(EngineLimits.RejectPause);
        requests.Tick(Now);
        source.RejectedPieces.ShouldBeEmpty();
        source.Asked.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_source_that_rejects_what_it_offers_is_dropped()
    {
        var source = AddSource();
        var rejections = 0;
        while (requests.Rejected(source, new BlockRange(new PieceIndex(1), 0, 16), isChoking: false, Now) is null)
        {
            rejections++;
        }
        rejections.ShouldBe(EngineLimits.MaxRejections);
        var choking = AddSource();
        for (var i = 0; i < 2 * rejections; i++)
        {
            requests.Rejected(choking, new BlockRange(new PieceIndex(1), 0, 16), isChoking: true, Now).ShouldBeNull();
        }
    }

    [Fact]
    public void A_source_that_chokes_and_unchokes_all_the_time_is_dropped()
    {
        var source = AddSource();
        var unchokes = 0;
        while (RequestScheduler.Unchoked(source, Now) is null)
        {
            unchokes++;
        }
        unchokes.ShouldBe(EngineLimits.MaxUnchokes);
    }

    [Fact]
    public void A_snubbed_source_loses_its_requests_and_is_told()
    {
        var source = AddSource();
        requests.Request(source, Now);
        var asked = source.Asked.Count;
        clock.Jump(EngineLimits.SnubTimeout + TimeSpan.FromSeconds(1));
        requests.Tick(Now);
        source.IsSnubbed.ShouldBeTrue();
        source.Cancelled.Count.ShouldBe(asked);
        source.Outstanding.Count.ShouldBe(1);
        requests.FindDifference().ShouldBeNull();
    }

    [Fact]
    public void A_piece_the_source_lost_is_not_expected_from_it()
    {
        var source = AddSource(0, 1, 2);
        requests.Request(source, Now);
        var lost = source.Asked[0].Piece;
        source.Has.Remove(lost);
        requests.PieceRemoved(source, lost);
        Enumerable
            .Range(0, source.Outstanding.Count)
            .ShouldAllBe(index => source.Outstanding[index].Block.Piece != lost);
        source.InterestingPieces.ShouldBe(2);
        requests.FindDifference().ShouldBeNull();
    }

    [Fact]
    public void A_piece_that_became_unwanted_is_cancelled_and_one_that_became_wanted_is_requested()
    {
        var source = AddSource(0, 1);
        picker.SetPriority(new PieceIndex(1), 0);
        requests.WantedChanged();
        requests.Request(source, Now);
        source.Asked.ShouldAllBe(block => block.Piece == new PieceIndex(0));
        requests.Receive(source, source.Asked[0], Now, out _).ShouldBeTrue();
        picker.SetPriority(new PieceIndex(0), 0);
        requests.Discard(new PieceIndex(0));
        picker.SetPriority(new PieceIndex(1), 4);
        requests.WantedChanged();
        source.Cancelled.Count.ShouldBe(3);
        totals.RedundantBytes.ShouldBe(PeerLimits.BlockBytes);
        source.Asked.Clear();
        requests.Request(source, Now);
        source.Asked.ShouldAllBe(block => block.Piece == new PieceIndex(1));
        source.Asked.Count.ShouldBe(4);
        requests.FindDifference().ShouldBeNull();
    }

    [Fact]
    public void In_the_endgame_a_fast_source_repeats_only_what_a_slow_one_holds()
    {
        var test = new RequestSchedulerTests(1);
        var slow = test.AddSource();
        var fast = test.AddSource();
        test.requests.Request(slow, Now);
        slow.Asked.Count.ShouldBe(4);
        slow.BytesPerSecond = PeerLimits.BlockBytes * 100;
        test.requests.Request(fast, Now);
        fast.Asked.ShouldBeEmpty("the other is as fast");
        slow.BytesPerSecond = 1_000;
        test.requests.Request(fast, Now);
        fast.Asked.Count.ShouldBe(1);
        test.requests.Receive(fast, fast.Asked[0], Now, out _).ShouldBeTrue();
        slow.Cancelled.ShouldBe([fast.Asked[0]]);
        test.requests.FindDifference().ShouldBeNull();
    }

    [Fact]
    public void A_piece_with_a_deadline_comes_first_and_from_a_fast_source()
    {
        var slow = AddSource();
        var fast = AddSource();
        picker.SetDeadline(new PieceIndex(5), Now + TimeSpan.FromMilliseconds(500));
        requests.Tick(Now);
        slow.Asked.Count.ShouldBe(EngineLimits.MinRequestQueue);
        slow.Asked.Take(4).ShouldAllBe(block => block.Piece == new PieceIndex(5));
        slow.BytesPerSecond = 10;
        fast.BytesPerSecond = 10_000_000;
        requests.Tick(Now);
        // Near the deadline, the blocks that the slow one holds are requested from the fast one too.
        fast.Outstanding.Count.ShouldBe(EngineLimits.MinRequestQueue);
        picker.ClearDeadlines();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void However_requests_end_both_sides_agree_and_every_piece_arrives(int seed)
    {
        var entropy = new SeededEntropy((ulong)seed);
        var test = new RequestSchedulerTests(40);
        var live = new List<FakeSource>();
        for (var step = 0; test.picker.Remaining > 0; step++)
        {
            step.ShouldBeLessThan(50_000);
            if (live.Count < 4)
            {
                live.Add(test.AddSource());
            }
            var source = live[entropy.Next(live.Count)];
            test.Act(source, entropy.Next(14), entropy);
            if (entropy.Next(60) == 0)
            {
                test.requests.Remove(source);
                live.Remove(source);
            }
            test.clock.Jump(TimeSpan.FromMilliseconds(entropy.Next(300)));
            test.requests.FindDifference().ShouldBeNull();
            live.Sum(one => one.Outstanding.Count).ShouldBe(test.picker.RequestCount);
        }
    }

    private void Act(FakeSource source, int action, SeededEntropy entropy)
    {
        BlockRange? first =
            source.Outstanding.Count > 0
                ? requests.RangeOf(source.Outstanding[entropy.Next(source.Outstanding.Count)].Block)
                : null;
        var piece = new PieceIndex(entropy.Next(pieceCount));
        switch (action)
        {
            case 0 when first is { } block:
                requests.Rejected(source, block, isChoking: entropy.Next(2) == 0, Now);
                break;
            case 1:
                requests.Choked(source, answersRequests: entropy.Next(2) == 0);
                break;
            case 2 when first is { } block:
                requests.Receive(source, block with { Length = 1 }, Now, out _);
                break;
            case 3:
                requests.Tick(Now);
                break;
            case 4:
                ToggleWanted(piece);
                break;
            case 5 when source.Has.Remove(piece):
                requests.PieceRemoved(source, piece);
                break;
            case 6 when source.Has.Add(piece):
                requests.PieceAdded(source, piece);
                break;
            case 7:
                requests.Uncount(source);
                source.Has = All();
                requests.PiecesKnown(source);
                break;
            case 8:
                picker.SetDeadline(piece, Now + TimeSpan.FromSeconds(entropy.Next(4)));
                requests.Request(source, Now);
                break;
            case 9 when picker.SmallestIdle() is { } idle:
                requests.Discard(idle);
                break;
            default:
                requests.Request(source, Now);
                if (first is { } wanted && requests.Receive(source, wanted, Now, out _))
                {
                    Finish(wanted.Piece, fails: entropy.Next(5) == 0);
                }
                break;
        }
    }

    private void ToggleWanted(PieceIndex piece)
    {
        var isWanted = picker.Priorities[piece.Value] > 0;
        picker.SetPriority(piece, (byte)(isWanted && picker.Remaining > 1 ? 0 : 4));
        if (isWanted && picker.Priorities[piece.Value] == 0 && picker.State(piece) == PieceState.Partial)
        {
            requests.Discard(piece);
        }
        requests.WantedChanged();
    }

    private void Finish(PieceIndex piece, bool fails)
    {
        if (picker.State(piece) != PieceState.Complete)
        {
            return;
        }
        if (fails)
        {
            picker.PieceFailed(piece, parole: true);
            return;
        }
        picker.PieceWritten(piece);
        requests.PieceWritten(piece);
    }

    private void Download(FakeSource source)
    {
        while (picker.Remaining > 0)
        {
            requests.Request(source, Now);
            source.Outstanding.Count.ShouldBeGreaterThan(0);
            while (source.Outstanding.Count > 0)
            {
                var block = requests.RangeOf(source.Outstanding[0].Block);
                requests.Receive(source, block, Now, out _).ShouldBeTrue();
                Finish(block.Piece, fails: false);
            }
        }
    }

    private PieceSet All()
    {
        var all = new PieceSet(pieceCount);
        all.AddAll();
        return all;
    }

    private FakeSource AddSource(params int[] pieces)
    {
        var has = All();
        if (pieces.Length > 0)
        {
            has = new PieceSet(pieceCount);
            foreach (var piece in pieces)
            {
                has.Add(new PieceIndex(piece));
            }
        }
        var source = new FakeSource(++lastNumber, has) { LastBlock = Now };
        requests.Add(source);
        requests.PiecesKnown(source);
        return source;
    }
}
