using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Network;

/// <summary>
/// An id and a number: the sequence number of a record, or when a node was first seen, in Unix milliseconds.
/// </summary>
public readonly record struct NumberedId(NodeId Id, long Number);

/// <summary>
/// The body of <c>POST /exchange</c>, anti-entropy between supernodes: <c>{ages: ids, know: [id, seq]…}</c>, each
/// encoded as one string of fixed-length entries.
/// </summary>
/// <param name="Know">The sender's records and their sequence numbers.</param>
/// <param name="Ages">Ids on probation, for which the sender wants to know when they were first seen.</param>
public sealed record ExchangeRequest(IReadOnlyList<NumberedId> Know, IReadOnlyList<NodeId> Ages)
{
    public byte[] Write()
    {
        var ages = new byte[Ages.Count * Hash32.Length];
        for (var i = 0; i < Ages.Count; i++)
        {
            Ages[i].Value.CopyTo(ages.AsSpan(i * Hash32.Length));
        }
        var writer = new BencodeWriter().BeginDictionary().Key("ages"u8).Bytes(ages);
        return writer.Key("know"u8).Bytes(NumberedIds.Write(Know)).End().ToArray();
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out ExchangeRequest? ask,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        ask = null;
        if (!BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault))
        {
            return false;
        }
        var fields = new ItemFields(value, "exchange");
        var ages = fields.Bytes("ages", 0, NetworkLimits.MaxExchangeEntries * Hash32.Length);
        if (ages.Length % Hash32.Length != 0)
        {
            fields.Fail("ages", "is not a list of ids");
        }
        var know = NumberedIds.Read(fields, "know");
        if (!fields.IsValid(out fault))
        {
            return false;
        }
        var ids = new NodeId[ages.Length / Hash32.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = new NodeId(ages.Span.Slice(i * Hash32.Length, Hash32.Length));
        }
        ask = new ExchangeRequest(know, ids);
        return true;
    }
}

/// <summary>The response of <c>POST /exchange</c>: <c>{ages: [id, ms]…, records: [record…]}</c>.</summary>
/// <param name="Records">Live records that the requester lacks or has an older version of; not verified yet.</param>
/// <param name="Ages">When the responder first saw the requested ids.</param>
public sealed record ExchangeResponse(IReadOnlyList<SignedItem> Records, IReadOnlyList<NumberedId> Ages)
{
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("ages"u8).Bytes(NumberedIds.Write(Ages));
        SupernodeMessages.WriteItems(writer.Key("records"u8), Records);
        return writer.End().ToArray();
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out ExchangeResponse? reply,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        reply = null;
        if (
            !BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault)
            || !ItemList.TryRead(value, "records"u8, NetworkLimits.MaxRecordsPerPage, out var records, out fault)
        )
        {
            return false;
        }
        var fields = new ItemFields(value, "exchange");
        var ages = NumberedIds.Read(fields, "ages");
        reply = fields.IsValid(out fault) ? new ExchangeResponse(records, ages) : null;
        return reply is not null;
    }
}

/// <summary>Entries of 40 bytes: an id and a big-endian number that is not negative.</summary>
internal static class NumberedIds
{
    private const int EntryLength = Hash32.Length + sizeof(long);

    public static byte[] Write(IReadOnlyList<NumberedId> entries)
    {
        var bytes = new byte[entries.Count * EntryLength];
        for (var i = 0; i < entries.Count; i++)
        {
            var into = bytes.AsSpan(i * EntryLength, EntryLength);
            entries[i].Id.Value.CopyTo(into);
            BinaryPrimitives.WriteInt64BigEndian(into[Hash32.Length..], entries[i].Number);
        }
        return bytes;
    }

    public static IReadOnlyList<NumberedId> Read(ItemFields fields, string key)
    {
        var bytes = fields.Bytes(key, 0, NetworkLimits.MaxExchangeEntries * EntryLength).Span;
        if (bytes.Length % EntryLength != 0)
        {
            fields.Fail(key, "is not a list of ids and numbers");
            return [];
        }
        var entries = new NumberedId[bytes.Length / EntryLength];
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = bytes.Slice(i * EntryLength, EntryLength);
            var number = BinaryPrimitives.ReadInt64BigEndian(entry[Hash32.Length..]);
            if (number < 0)
            {
                fields.Fail(key, "contains a negative number");
                return [];
            }
            entries[i] = new NumberedId(new NodeId(entry[..Hash32.Length]), number);
        }
        return entries;
    }
}
