using Anatomic.Engine.Limits;
using Anatomic.Engine.Metadata;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Tests.Metadata;

public class MetadataDownloadTests
{
    private const int Length = 100_000; // seven pieces

    private readonly byte[] info = Sample.Bytes(Length, 1);
    private readonly SharedBudget memory = new(4 << 20);
    private readonly List<(int Source, int Piece)> asked = [];
    private readonly Dictionary<int, string> dropped = [];
    private readonly MetadataDownload download;
    private DateTimeOffset now = DateTimeOffset.UnixEpoch;

    public MetadataDownloadTests() =>
        download = new MetadataDownload(memory)
        {
            Ask = (source, piece) => asked.Add((source, piece)),
            Drop = dropped.Add,
        };

    private static Endpoint Address(int source) => Endpoint.FromV4((uint)source, 0);

    private void Add(int source, int length = Length) => download.Add(source, Address(source), length, now);

    private void Wait(double seconds)
    {
        now += TimeSpan.FromSeconds(seconds);
        download.Tick(now);
    }

    private MetadataAssembly? Answer(int source, int piece, out Fault? fault, byte[]? from = null)
    {
        asked.Remove((source, piece));
        var begin = piece * PeerLimits.MetadataPieceBytes;
        var data = (from ?? info).AsMemory(
            begin,
            Math.Min(PeerLimits.MetadataPieceBytes, (from ?? info).Length - begin)
        );
        return download.Receive(source, new MetadataMessage(MetadataKind.Data, piece, null, data), now, out fault);
    }

    /// <summary>Answers all requests to the sources until an assembly is complete or nothing is asked.</summary>
    private MetadataAssembly? Serve(params (int Source, byte[] From)[] sources)
    {
        while (true)
        {
            var next = asked.FirstOrDefault(request => sources.Any(one => one.Source == request.Source));
            if (next.Source == 0)
            {
                return null;
            }
            var from = sources.First(one => one.Source == next.Source).From;
            if (Answer(next.Source, next.Piece, out _, from) is { } complete)
            {
                return complete;
            }
        }
    }

    [Fact]
    public void Memory_is_freed_once_when_a_peer_leaves_while_its_metadata_is_verified()
    {
        Add(1);
        var complete = Serve((1, info)).ShouldNotBeNull();
        download.Remove(1);
        download.HashWrong(complete, now).ShouldBe(Address(1));
        download.HeldBytes.ShouldBe(0);
        download.Clear();
        memory.Available.ShouldBe(4 << 20);
    }

    [Fact]
    public void Pieces_come_from_several_peers_at_once()
    {
        Add(1);
        Add(2);
        asked.ShouldBe([(1, 0), (2, 1)]);
        Serve((1, info), (2, info))!.Join().ShouldBe(info);
        download.HashRight(info).ShouldBeEmpty();
        memory.Available.ShouldBe(4 << 20);
    }

    [Fact]
    public void Tricklers_that_claim_much_do_not_hold_up_an_honest_peer()
    {
        for (var source = 1; source <= 3; source++)
        {
            Add(source, PeerLimits.MaxMetadataBytes);
        }
        download.HeldBytes.ShouldBe(0);
        Add(4);
        Serve((4, info))!.Join().ShouldBe(info);
    }

    [Fact]
    public void Tricklers_that_claim_the_true_length_are_overtaken()
    {
        for (var source = 1; source <= 3; source++)
        {
            Add(source);
        }
        Add(4);
        Serve((4, info)).ShouldBeNull();
        Wait(EngineLimits.MetadataPatience.TotalSeconds);
        Serve((4, info))!.Join().ShouldBe(info);
        dropped.ShouldBeEmpty();
    }

    [Fact]
    public void A_silent_peer_is_dropped_and_its_pieces_are_asked_of_another()
    {
        Add(1);
        Wait(EngineLimits.MetadataRequestTimeout.TotalSeconds + 1);
        dropped.Keys.ShouldBe([1]);
        Add(2);
        Serve((2, info)).ShouldNotBeNull();
    }

    [Fact]
    public void The_only_sender_of_wrong_metadata_is_named()
    {
        Add(1);
        var wrong = Serve((1, Sample.Bytes(Length, 2)))!;
        download.HashWrong(wrong, now).ShouldBe(Address(1));
        memory.Available.ShouldBe(4 << 20);
    }

    [Fact]
    public void After_wrong_metadata_of_several_each_is_tried_alone_and_exactly_the_liar_is_named()
    {
        var wrong = Sample.Bytes(Length, 2);
        Add(1);
        Add(2);
        var mixed = Serve((1, wrong), (2, info))!;
        download.HashWrong(mixed, now).ShouldBeNull();
        var alone = Serve((2, info))!;
        alone.Senders.ShouldBe([Address(2)]);
        alone.Join().ShouldBe(info);
        download.HashRight(info).ShouldBe([Address(1)]);
        memory.Available.ShouldBe(4 << 20);
    }

    [Fact]
    public void Every_peer_has_its_chance_alone_however_many_liars_are_before_it()
    {
        var wrong = Sample.Bytes(Length, 2);
        for (var source = 1; source <= 30; source++)
        {
            Add(source);
        }
        var liars = Enumerable.Range(1, 29).Select(source => (source, wrong)).ToArray();
        download.HashWrong(Serve(liars) ?? WaitAndServe(liars), now).ShouldBeNull();
        // The liars answer nothing from now on, and the honest one is the last.
        for (var i = 0; i < 40 && !asked.Any(request => request.Source == 30); i++)
        {
            Wait(EngineLimits.MetadataPatience.TotalSeconds / 2);
        }
        Serve((30, info))!.Join().ShouldBe(info);
    }

    [Fact]
    public void A_peer_without_the_metadata_is_asked_again_later()
    {
        Add(1);
        download.Rejected(1, 0, now);
        asked.Clear();
        Wait(1);
        asked.ShouldBeEmpty();
        Wait(EngineLimits.MetadataRejectPause.TotalSeconds);
        asked.ShouldBe([(1, 0)]);
    }

    [Fact]
    public void A_piece_of_wrong_length_or_without_a_request_is_a_fault()
    {
        Add(1);
        Answer(1, 5, out var unrequested);
        unrequested!.What.ShouldContain("did not request");
        var shortPiece = new MetadataMessage(MetadataKind.Data, 0, null, new byte[5]);
        download.Receive(1, shortPiece, now, out var shortFault).ShouldBeNull();
        shortFault!.What.ShouldBe("metadata piece 0 has 5 bytes");
    }

    [Fact]
    public void Another_total_than_the_claimed_length_is_a_fault()
    {
        Add(1);
        var message = new MetadataMessage(MetadataKind.Data, 0, Length + 1, new byte[PeerLimits.MetadataPieceBytes]);
        download.Receive(1, message, now, out var fault).ShouldBeNull();
        fault!.What.ShouldBe("the peer's metadata has 100,000 bytes, then 100,001");
    }

    [Fact]
    public void Without_memory_the_largest_claim_makes_room()
    {
        var large = new byte[8 << 20];
        Add(1, large.Length);
        while (memory.Available >= PeerLimits.MetadataPieceBytes)
        {
            var next = asked.First(request => request.Source == 1);
            Answer(next.Source, next.Piece, out _, large);
        }
        var medium = Sample.Bytes(2 << 20, 3);
        Add(2, medium.Length);
        Serve((2, medium))!.Join().ShouldBe(medium);
        dropped[1].ShouldBe("the peer's metadata takes too much memory");
        download.Clear();
        memory.Available.ShouldBe(4 << 20);
    }

    private MetadataAssembly WaitAndServe((int Source, byte[] From)[] sources)
    {
        while (true)
        {
            Wait(1);
            if (Serve(sources) is { } complete)
            {
                return complete;
            }
        }
    }
}
