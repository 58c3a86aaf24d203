using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Network;

/// <summary>
/// The item <c>head</c>: a digest of what a node holds, signed with the requester's nonce. A single poll replicates the
/// index, probes the node and challenges its id.
/// </summary>
public sealed record ManifestHead : INetworkItem<ManifestHead>
{
    public static string ItemType => "head";

    public static int MaxBytes => NetworkLimits.MaxItemBytes;

    /// <summary>Changes when the node lost its history; readers then start over.</summary>
    public required long Epoch { get; init; }

    /// <summary>Number of the newest entry; 0 when there has been none.</summary>
    public required long Seq { get; init; }

    /// <summary>Entries up to this number are forgotten; a reader that has not seen them starts over.</summary>
    public required long Floor { get; init; }

    /// <summary>Number of live orders.</summary>
    public required long Count { get; init; }

    /// <summary>XOR of SHA-256 over the digest of each live order.</summary>
    public required Hash32 Digest { get; init; }

    /// <summary>The sequence number of the node's record.</summary>
    public required long RecordSeq { get; init; }

    /// <summary>The requester's nonce, at most 32 bytes.</summary>
    public ReadOnlyMemory<byte> Nonce { get; init; }

    public required long At { get; init; }

    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary();
        writer.Key("at"u8).Integer(At).Key("count"u8).Integer(Count).Key("digest"u8).Bytes(Digest.ToArray());
        writer.Key("epoch"u8).Integer(Epoch).Key("floor"u8).Integer(Floor).Key("nonce"u8).Bytes(Nonce.Span);
        return writer.Key("record"u8).Integer(RecordSeq).Key("seq"u8).Integer(Seq).End().ToArray();
    }

    public static bool TryRead(
        BencodeValue value,
        [NotNullWhen(true)] out ManifestHead? item,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        var fields = new ItemFields(value, "head");
        var read = new ManifestHead
        {
            At = fields.Integer("at", 0, long.MaxValue),
            Count = fields.Integer("count", 0, long.MaxValue),
            Digest = fields.Hash32("digest"),
            Epoch = fields.Integer("epoch", 0, long.MaxValue),
            Floor = fields.Integer("floor", 0, long.MaxValue),
            Nonce = fields.Bytes("nonce", 0, NetworkLimits.MaxNonceBytes),
            RecordSeq = fields.Integer("record", 0, long.MaxValue),
            Seq = fields.Integer("seq", 0, long.MaxValue),
        };
        item = fields.IsValid(out fault) ? read : null;
        return item is not null;
    }
}
