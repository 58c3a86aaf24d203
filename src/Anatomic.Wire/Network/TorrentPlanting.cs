using System.Diagnostics.CodeAnalysis;
using System.Text;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Network;

/// <summary>
/// The value of the key <c>anatomic</c> in a .torrent file: the order, its receipts and some supernodes, so that
/// clients find the current holders when the trackers in the file fail.
/// </summary>
/// <param name="Order">The signed order, not verified yet.</param>
/// <param name="Receipts">Signed receipts, not verified yet.</param>
/// <param name="Supernodes">Used for this torrent only.</param>
public sealed record TorrentPlanting(
    SignedItem Order,
    IReadOnlyList<SignedItem> Receipts,
    IReadOnlyList<SupernodeAddress> Supernodes
)
{
    /// <summary>The bencoded value.</summary>
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("order"u8).Raw(Order.Raw.Span);
        writer.Key("receipts"u8).BeginList();
        foreach (var receipt in Receipts)
        {
            writer.Raw(receipt.Raw.Span);
        }
        writer.End().Key("supernodes"u8).BeginList();
        foreach (var supernode in Supernodes)
        {
            writer.Text(supernode.ToString());
        }
        return writer.End().End().ToArray();
    }

    /// <summary>Reads the value strictly, although the .torrent file around it was read tolerantly.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out TorrentPlanting? planting,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        planting = null;
        if (!BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault))
        {
            return false;
        }
        var fields = new ItemFields(value, "anatomic");
        var receipts = new List<SignedItem>();
        foreach (var entry in fields.List("receipts", 0, NetworkLimits.MaxReceipts))
        {
            if (!SignedItem.TryRead(entry, out var receipt, out fault))
            {
                return false;
            }
            receipts.Add(receipt);
        }
        var supernodes = new List<SupernodeAddress>();
        foreach (
            var bytes in fields.Strings("supernodes", 0, NetworkLimits.MaxSupernodes, 1, SupernodeAddress.MaxTextLength)
        )
        {
            if (!SupernodeAddress.TryParse(Encoding.UTF8.GetString(bytes.Span), out var supernode, out fault))
            {
                return false;
            }
            supernodes.Add(supernode);
        }
        if (!fields.IsValid(out fault))
        {
            return false;
        }
        if (value.Find("order"u8) is not { } order)
        {
            fault = new Fault("anatomic: the order is missing");
            return false;
        }
        if (!SignedItem.TryRead(order, out var signed, out fault))
        {
            return false;
        }
        planting = new TorrentPlanting(signed, receipts, supernodes);
        return true;
    }
}
