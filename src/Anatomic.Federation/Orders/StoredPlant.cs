using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Orders;

/// <summary>
/// An entry in its stored form, under its order's digest: 8 bytes of SHA-256 over the rest, then a dictionary. The
/// checksum detects flipped bits that the digest does not cover.
/// </summary>
public sealed record StoredPlant(PlantEntry Entry, SignedItem Order, SignedItem? Unplant)
{
    private const int ChecksumLength = 8;

    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary();
        writer.Key("op"u8).Integer((int)Entry.Op).Key("order"u8).Raw(Order.Raw.Span);
        writer.Key("peer"u8).Integer(Entry.LastPeer).Key("reason"u8).Integer((int)Entry.Reason);
        writer.Key("seq"u8).Integer(Entry.Seq).Key("since"u8).Integer(Entry.Since);
        if (Unplant is not null)
        {
            writer.Key("unplant"u8).Raw(Unplant.Raw.Span);
        }
        var body = writer.End().ToArray();
        return [.. SHA256.HashData(body).AsSpan(0, ChecksumLength), .. body];
    }

    /// <summary>False when the bytes are not what was written: a disk error, or a manual change.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> key,
        ReadOnlyMemory<byte> value,
        NetworkName network,
        [NotNullWhen(true)] out StoredPlant? row
    )
    {
        row = null;
        if (
            value.Length <= ChecksumLength
            || !SHA256
                .HashData(value.Span[ChecksumLength..])
                .AsSpan(0, ChecksumLength)
                .SequenceEqual(value.Span[..ChecksumLength])
            || !BencodeValue.TryParse(value[ChecksumLength..], BencodeMode.Strict, out var read, out _)
            || read.Find("order"u8) is not { } orderValue
            || !SignedItem.TryRead(orderValue, out var envelope, out _)
            || !Signed.TryReadUnverified<PlantOrder>(envelope, network, out var order, out _)
            || !order.Digest.ToArray().AsSpan().SequenceEqual(key.Span)
        )
        {
            return false;
        }
        SignedItem? unplant = null;
        if (read.Find("unplant"u8) is { } unplantValue && !SignedItem.TryRead(unplantValue, out unplant, out _))
        {
            return false;
        }
        var entry = PlantEntry.Of(order, (ManifestOp)Number(read, "op"u8), now: 0) with
        {
            Reason = (NotHeldReason)Number(read, "reason"u8),
            Seq = Number(read, "seq"u8),
            Since = Number(read, "since"u8),
            LastPeer = Number(read, "peer"u8),
        };
        row = Enum.IsDefined(entry.Op) ? new StoredPlant(entry, envelope, unplant) : null;
        return row is not null;
    }

    /// <summary>
    /// Whether broken bytes may be those of a live order, which others may still have. A tombstone must not return as a
    /// live order.
    /// </summary>
    public static bool MayBeLive(ReadOnlyMemory<byte> value) =>
        value.Length <= ChecksumLength
        || !BencodeValue.TryParse(value[ChecksumLength..], BencodeMode.Strict, out var read, out _)
        || !read.TryGetInteger("op"u8, out var op)
        || op == (long)ManifestOp.Planted;

    private static long Number(BencodeValue value, ReadOnlySpan<byte> key) =>
        value.TryGetInteger(key, out var number) ? number : 0;
}
