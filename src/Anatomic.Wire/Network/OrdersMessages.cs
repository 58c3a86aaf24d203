using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Network;

/// <summary>The body of <c>POST /orders</c>: a bencoded list of at most 512 digests of 32 bytes.</summary>
public sealed record OrdersRequest(IReadOnlyList<Hash32> Digests)
{
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginList();
        foreach (var digest in Digests)
        {
            writer.Bytes(digest.ToArray());
        }
        return writer.End().ToArray();
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out OrdersRequest? ask,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        ask = null;
        if (!BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault))
        {
            return false;
        }
        if (
            value.Kind != BencodeKind.List
            || value.Items.Count > NetworkLimits.MaxRequestedDigests
            || value.Items.Any(item => item.Kind != BencodeKind.Bytes || item.Bytes.Length != Hash32.Length)
        )
        {
            fault = new Fault($"this is not a list of at most {NetworkLimits.MaxRequestedDigests} digests of 32 bytes");
            return false;
        }
        ask = new OrdersRequest([.. value.Items.Select(item => new Hash32(item.Bytes.Span))]);
        return true;
    }
}

/// <summary>
/// The response of <c>POST /orders</c>: <c>{orders: [item…], unplants: [item…]}</c>. Unknown orders are missing; those
/// beyond 1 MiB have to be requested again.
/// </summary>
public sealed record OrdersResponse(IReadOnlyList<SignedItem> Orders, IReadOnlyList<SignedItem> Unplants)
{
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("orders"u8).BeginList();
        foreach (var order in Orders)
        {
            writer.Raw(order.Raw.Span);
        }
        writer.End().Key("unplants"u8).BeginList();
        foreach (var unplant in Unplants)
        {
            writer.Raw(unplant.Raw.Span);
        }
        return writer.End().End().ToArray();
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out OrdersResponse? bodies,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        bodies = null;
        if (!BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault))
        {
            return false;
        }
        if (
            !ItemList.TryRead(value, "orders"u8, NetworkLimits.MaxRequestedDigests, out var orders, out fault)
            || !ItemList.TryRead(value, "unplants"u8, NetworkLimits.MaxRequestedDigests, out var unplants, out fault)
        )
        {
            return false;
        }
        bodies = new OrdersResponse(orders, unplants);
        return true;
    }
}

/// <summary>A list of signed items as the value of a key.</summary>
internal static class ItemList
{
    public static bool TryRead(
        BencodeValue value,
        ReadOnlySpan<byte> key,
        int max,
        [NotNullWhen(true)] out IReadOnlyList<SignedItem>? items,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        items = null;
        if (!value.TryGetList(key, out var list) || list.Count > max)
        {
            fault = new Fault($"a list of at most {max} signed items is missing", value.Position);
            return false;
        }
        var read = new List<SignedItem>();
        foreach (var entry in list)
        {
            if (!SignedItem.TryRead(entry, out var item, out fault))
            {
                return false;
            }
            read.Add(item);
        }
        items = read;
        fault = null;
        return true;
    }
}
