using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Network;

/// <summary>
/// The body of <c>POST /plant</c>: a signed order, or <c>{carry: item, order: item}</c> when another candidate sends
/// it.
/// </summary>
public sealed record PlantSubmission(SignedItem Order, SignedItem? Carry = null)
{
    public byte[] Write() => Carry is null ? Order.Raw.ToArray() : ItemPair.Write("carry"u8, Carry, "order"u8, Order);

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out PlantSubmission? offer,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        offer = ItemPair.TryRead(raw, "carry"u8, "order"u8, out var carry, out var order, out fault)
            ? new PlantSubmission(order, carry)
            : null;
        return offer is not null;
    }
}

/// <summary>
/// The body of <c>POST /unplant</c>: <c>{order: item, unplant: item}</c>, or only the signed unplant when the node
/// knows the order. With the order, a node that never held it also keeps the tombstone.
/// </summary>
public sealed record UnplantSubmission(SignedItem Unplant, SignedItem? Order = null)
{
    public byte[] Write() =>
        Order is null ? Unplant.Raw.ToArray() : ItemPair.Write("order"u8, Order, "unplant"u8, Unplant);

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out UnplantSubmission? offer,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        offer = ItemPair.TryRead(raw, "order"u8, "unplant"u8, out var order, out var unplant, out fault)
            ? new UnplantSubmission(unplant, order)
            : null;
        return offer is not null;
    }
}

/// <summary>Two items in a dictionary, or only the second one.</summary>
internal static class ItemPair
{
    public static byte[] Write(
        ReadOnlySpan<byte> firstKey,
        SignedItem first,
        ReadOnlySpan<byte> key,
        SignedItem item
    ) =>
        new BencodeWriter()
            .BeginDictionary()
            .Key(firstKey)
            .Raw(first.Raw.Span)
            .Key(key)
            .Raw(item.Raw.Span)
            .End()
            .ToArray();

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        ReadOnlySpan<byte> firstKey,
        ReadOnlySpan<byte> key,
        out SignedItem? first,
        [NotNullWhen(true)] out SignedItem? item,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        (first, item) = (null, null);
        if (raw.Length > 2 * NetworkLimits.MaxItemBytes)
        {
            fault = new Fault(
                $"the body has {raw.Length:N0} bytes; at most {2 * NetworkLimits.MaxItemBytes:N0} are allowed"
            );
            return false;
        }
        if (!BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault))
        {
            return false;
        }
        if (value.Kind == BencodeKind.Dictionary && value.Entries.Count == 2)
        {
            if (value.Find(firstKey) is not { } one || value.Find(key) is not { } two)
            {
                fault = new Fault("the body has two entries, but not the expected ones");
                return false;
            }
            return SignedItem.TryRead(one, out first, out fault) && SignedItem.TryRead(two, out item, out fault);
        }
        return SignedItem.TryRead(value, out item, out fault);
    }
}
