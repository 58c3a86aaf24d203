using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Fuzz.Targets;

/// <summary>Messages between nodes and supernodes: what is read has one encoding.</summary>
internal sealed class NetworkItemTarget : IFuzzTarget
{
    public string Name => "network";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [.. "1:ai1e"u8],
        [.. "64:"u8],
        [.. "32:"u8],
        [.. "20:"u8],
        [.. "6:"u8],
        [.. "18:"u8],
        [.. "5:order"u8],
        [.. "7:unplant"u8],
        [.. "5:batch"u8],
        [.. "http://[::1]:1/"u8],
        [.. "http://a/%2e/"u8],
    ];

    public void Run(byte[] input)
    {
        Item<NodeRecord>(input);
        Item<PlantOrder>(input);
        Item<Unplant>(input);
        Item<Receipt>(input);
        Item<Carry>(input);
        Item<ManifestHead>(input);
        Item<PeerBatch>(input);
        Body<PlantSubmission>(input, PlantSubmission.TryRead, offer => offer.Write());
        Body<UnplantSubmission>(input, UnplantSubmission.TryRead, offer => offer.Write());
        Body<PeersRequest>(input, PeersRequest.TryRead, post => post.Write());
        Body<PeersResponse>(input, PeersResponse.TryRead, answer => answer.Write());
        Body<PlantConflict>(input, PlantConflict.TryRead, conflict => conflict.Write());
        Body<ManifestPage>(input, ManifestPage.TryRead, page => page.Write());
        Body<OrdersRequest>(input, OrdersRequest.TryRead, ask => ask.Write());
        Body<OrdersResponse>(input, OrdersResponse.TryRead, bodies => bodies.Write());
        Body<TorrentPlanting>(input, TorrentPlanting.TryRead, planting => planting.Write());
        Body<ExchangeRequest>(input, ExchangeRequest.TryRead, ask => ask.Write());
        Body<ExchangeResponse>(input, ExchangeResponse.TryRead, reply => reply.Write());
        Body<RecordList>(input, RecordList.TryRead, list => list.Write());
        Body<LookupResponse>(input, LookupResponse.TryRead, reply => reply.Write());
        Body<ReceiptsRequest>(input, ReceiptsRequest.TryRead, post => post.Write());
        Body<RecordResponse>(input, RecordResponse.TryRead, reply => reply.Write());
    }

    private delegate bool Read<T>(ReadOnlyMemory<byte> raw, out T? read, out Fault? fault)
        where T : class;

    private static void Item<T>(byte[] input)
        where T : class, INetworkItem<T>
    {
        if (!Signed.TryReadUnverified<T>(input, NetworkName.Main, out var read, out var fault))
        {
            Invariant.Holds(fault is not null);
            return;
        }
        // Writing drops unknown keys, so the second reading is compared with the first writing.
        var written = read.Item.Write();
        var again = SignedItem.Assemble(read.Envelope.PublicKey.Span, read.Envelope.Signature.Span, written);
        Invariant.Holds(Signed.TryReadUnverified<T>(again, NetworkName.Main, out var second, out _));
        Invariant.Holds(second.Item.Write().AsSpan().SequenceEqual(written));
    }

    private static void Body<T>(byte[] input, Read<T> read, Func<T, byte[]> write)
        where T : class
    {
        var fine = read(input, out var body, out var fault);
        Invariant.Holds(fine == fault is null);
        if (body is null)
        {
            return;
        }
        var written = write(body);
        Invariant.Holds(read(written, out var again, out _) && again is not null);
        Invariant.Holds(write(again!).AsSpan().SequenceEqual(written));
    }
}
