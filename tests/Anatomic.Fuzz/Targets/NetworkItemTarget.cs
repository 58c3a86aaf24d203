using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Fuzz.Targets;

/// <summary>What nodes and supernodes say to each other: whatever is read is written the same way ever after.</summary>
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
        Body(input, PlantOffer.TryRead(input, out var offer, out var fault), fault, () => offer!.Write());
        Body(input, UnplantOffer.TryRead(input, out var unplant, out fault), fault, () => unplant!.Write());
        _ = PeerPost.TryRead(input, out _, out _);
        _ = PeerAnswer.TryRead(input, out _, out _);
        _ = PlantConflict.TryRead(input, out _, out _);
        _ = ManifestPage.TryRead(input, out _, out _);
        Body(input, OrdersAsk.TryRead(input, out var ask, out fault), fault, () => ask!.Write());
        _ = OrderBodies.TryRead(input, out _, out _);
        _ = TorrentPlanting.TryRead(input, out _, out _);
    }

    private static void Item<T>(byte[] input)
        where T : class, INetworkItem<T>
    {
        if (!Signed.TryReadUnverified<T>(input, NetworkName.Main, out var read, out var fault))
        {
            Invariant.Holds(fault is not null);
            return;
        }
        // Keys that are not known are lost in writing, so the second reading is compared with the first writing.
        var written = read.Item.Write();
        var again = SignedItem.Assemble(read.Envelope.PublicKey.Span, read.Envelope.Signature.Span, written);
        Invariant.Holds(Signed.TryReadUnverified<T>(again, NetworkName.Main, out var second, out _));
        Invariant.Holds(second.Item.Write().AsSpan().SequenceEqual(written));
    }

    private static void Body(byte[] input, bool isRead, Fault? fault, Func<byte[]> write)
    {
        Invariant.Holds(isRead == fault is null);
        Invariant.Holds(!isRead || write().AsSpan().SequenceEqual(input));
    }
}
