using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Network;

/// <summary>
/// Records from a supernode: <c>{next: id, records: [record…]}</c>. The response of <c>GET /records</c>, where
/// <see cref="Next"/> leads to the next page, and of <c>GET /place</c>, in placement order.
/// </summary>
/// <param name="Records">Signed records, not verified yet.</param>
/// <param name="Next">The <c>after</c> of the next page; null on the last page.</param>
public sealed record RecordList(IReadOnlyList<SignedItem> Records, NodeId? Next = null)
{
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary();
        if (Next is { } next)
        {
            writer.Key("next"u8).Bytes(next.ToArray());
        }
        SupernodeMessages.WriteItems(writer.Key("records"u8), Records);
        return writer.End().ToArray();
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out RecordList? list,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        list = null;
        if (
            !BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault)
            || !ItemList.TryRead(value, "records"u8, NetworkLimits.MaxRecordsPerPage, out var records, out fault)
        )
        {
            return false;
        }
        var fields = new ItemFields(value, "records");
        NodeId? next = value.Find("next"u8) is null ? null : fields.NodeId("next");
        list = fields.IsValid(out fault) ? new RecordList(records, next) : null;
        return list is not null;
    }
}

/// <summary>
/// An order and the records of its current holders, best first. All are signed by their subjects and not verified yet.
/// </summary>
public sealed record HeldOrder(SignedItem Order, IReadOnlyList<SignedItem> Holders);

/// <summary>The response of <c>GET /lookup</c>: <c>{orders: [{holders: [record…], order: plant}…]}</c>.</summary>
/// <param name="Orders">At most 4, best first.</param>
public sealed record LookupResponse(IReadOnlyList<HeldOrder> Orders)
{
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("orders"u8).BeginList();
        foreach (var order in Orders)
        {
            writer.BeginDictionary();
            SupernodeMessages.WriteItems(writer.Key("holders"u8), order.Holders);
            writer.Key("order"u8).Raw(order.Order.Raw.Span).End();
        }
        return writer.End().End().ToArray();
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out LookupResponse? reply,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        reply = null;
        if (!BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault))
        {
            return false;
        }
        var fields = new ItemFields(value, "lookup");
        var orders = new List<HeldOrder>();
        foreach (var entry in fields.List("orders", 0, NetworkLimits.MaxOrdersPerLookup))
        {
            if (!ItemList.TryRead(entry, "holders"u8, NetworkLimits.MaxCandidates, out var holders, out fault))
            {
                return false;
            }
            if (entry.Find("order"u8) is not { } order)
            {
                fault = new Fault("lookup: an entry has no order", entry.Position);
                return false;
            }
            if (!SignedItem.TryRead(order, out var signed, out fault))
            {
                return false;
            }
            orders.Add(new HeldOrder(signed, holders));
        }
        reply = fields.IsValid(out fault) ? new LookupResponse(orders) : null;
        return reply is not null;
    }
}

/// <summary>The body of <c>POST /receipts</c>: <c>{order: plant, receipts: [receipt…]}</c>.</summary>
public sealed record ReceiptsRequest(SignedItem Order, IReadOnlyList<SignedItem> Receipts)
{
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("order"u8).Raw(Order.Raw.Span);
        SupernodeMessages.WriteItems(writer.Key("receipts"u8), Receipts);
        return writer.End().ToArray();
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out ReceiptsRequest? post,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        post = null;
        if (
            !BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault)
            || !ItemList.TryRead(value, "receipts"u8, NetworkLimits.MaxReceipts, out var receipts, out fault)
        )
        {
            return false;
        }
        if (value.Find("order"u8) is not { } order)
        {
            fault = new Fault("receipts: the order is missing");
            return false;
        }
        post = SignedItem.TryRead(order, out var signed, out fault) ? new ReceiptsRequest(signed, receipts) : null;
        return post is not null;
    }
}

/// <summary>
/// The response of <c>POST /record</c>: <c>{failure: text, seen: address}</c>. Rejections contain the address too, so
/// that a node learns from the first response how it is reached.
/// </summary>
/// <param name="Seen">The request's source address; its port has no meaning.</param>
/// <param name="Failure">Why the record was rejected; null: it was accepted.</param>
public sealed record RecordResponse(Endpoint Seen, string? Failure = null)
{
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary();
        if (Failure is not null)
        {
            writer.Key("failure"u8).Text(Failure);
        }
        Span<byte> compact = stackalloc byte[18];
        return writer.Key("seen"u8).Bytes(compact[..Seen.WriteCompact(compact)]).End().ToArray();
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out RecordResponse? reply,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        reply = null;
        if (!BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault))
        {
            return false;
        }
        if (!value.TryGetBytes("seen"u8, out var seen) || seen.Length is not (6 or 18))
        {
            fault = new Fault("the response lacks the address seen", value.Position);
            return false;
        }
        reply = new RecordResponse(
            Endpoint.FromCompact(seen.Span),
            value.TryGetText("failure"u8, out var text) ? text : null
        );
        return true;
    }
}

internal static class SupernodeMessages
{
    public static void WriteItems(BencodeWriter writer, IReadOnlyList<SignedItem> items)
    {
        writer.BeginList();
        foreach (var item in items)
        {
            writer.Raw(item.Raw.Span);
        }
        writer.End();
    }
}
