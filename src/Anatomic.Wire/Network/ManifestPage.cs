using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Network;

/// <summary>What happened to an order on a node.</summary>
public enum ManifestOp
{
    /// <summary>The node holds it from now on.</summary>
    Planted = 1,

    /// <summary>Ended by its planter; the node keeps a tombstone.</summary>
    Unplanted = 2,

    /// <summary>
    /// The node no longer holds it: it expired, dropped out, was rejected by the operator, or replaced by a newer
    /// order.
    /// </summary>
    Dropped = 3,
}

/// <summary>One change of a node's manifest.</summary>
/// <param name="Seq">Its ascending number; an order that changes again gets a new number.</param>
/// <param name="Op">What happened.</param>
/// <param name="Order">Digest of the order.</param>
public readonly record struct ManifestEntry(long Seq, ManifestOp Op, Hash32 Order);

/// <summary>
/// The response of <c>GET /plants</c>: <c>{e: [[seq, op, digest]…], head: item}</c>, at most 1 MiB, with entries by
/// ascending number. On the last page, the last entry has the head's number; without changes there are no entries.
/// </summary>
public sealed record ManifestPage(SignedItem Head, IReadOnlyList<ManifestEntry> Entries)
{
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("e"u8).BeginList();
        foreach (var entry in Entries)
        {
            writer.BeginList().Integer(entry.Seq).Integer((int)entry.Op).Bytes(entry.Order.ToArray()).End();
        }
        return writer.End().Key("head"u8).Raw(Head.Raw.Span).End().ToArray();
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out ManifestPage? page,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        page = null;
        if (raw.Length > NetworkLimits.MaxPageBytes)
        {
            fault = new Fault("a manifest page is longer than 1 MiB");
            return false;
        }
        if (!BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault))
        {
            return false;
        }
        if (value.Find("head"u8) is not { } headValue || !value.TryGetList("e"u8, out var list))
        {
            fault = new Fault("a manifest page must have a head and a list e");
            return false;
        }
        if (!SignedItem.TryRead(headValue, out var head, out fault))
        {
            return false;
        }
        var entries = new List<ManifestEntry>();
        var last = 0L;
        foreach (var item in list)
        {
            if (!TryRead(item, out var entry) || entry.Seq <= last)
            {
                fault = new Fault("a manifest entry is not [seq, op, digest], or out of order", item.Position);
                return false;
            }
            last = entry.Seq;
            entries.Add(entry);
        }
        page = new ManifestPage(head, entries);
        return true;
    }

    private static bool TryRead(BencodeValue value, out ManifestEntry entry)
    {
        entry = default;
        if (
            value.Kind != BencodeKind.List
            || value.Items.Count != 3
            || value.Items[0].Kind != BencodeKind.Integer
            || value.Items[1].Kind != BencodeKind.Integer
            || value.Items[2].Kind != BencodeKind.Bytes
            || value.Items[1].Integer is < 1 or > 3
            || value.Items[2].Bytes.Length != Hash32.Length
        )
        {
            return false;
        }
        entry = new ManifestEntry(
            value.Items[0].Integer,
            (ManifestOp)value.Items[1].Integer,
            new Hash32(value.Items[2].Bytes.Span)
        );
        return true;
    }
}
