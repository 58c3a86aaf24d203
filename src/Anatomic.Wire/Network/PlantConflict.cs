using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Network;

/// <summary>
/// The body of a 409 to <c>POST /plant</c>: <c>{order: item, reason: text, unplant: item}</c>, with the newer order or
/// the unplant that conflicts with the submitted one, or neither when the node is not a candidate.
/// </summary>
public sealed record PlantConflict(string Reason, SignedItem? Order = null, SignedItem? Unplant = null)
{
    private const int MaxReasonBytes = 1024;

    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary();
        if (Order is not null)
        {
            writer.Key("order"u8).Raw(Order.Raw.Span);
        }
        writer.Key("reason"u8).Text(Reason);
        if (Unplant is not null)
        {
            writer.Key("unplant"u8).Raw(Unplant.Raw.Span);
        }
        return writer.End().ToArray();
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out PlantConflict? conflict,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        conflict = null;
        if (!BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault))
        {
            return false;
        }
        SignedItem? order = null;
        SignedItem? unplant = null;
        var fields = new ItemFields(value, "conflict");
        var reason = fields.Text("reason", MaxReasonBytes);
        if (
            !fields.IsValid(out fault)
            || (value.Find("order"u8) is { } orderValue && !SignedItem.TryRead(orderValue, out order, out fault))
            || (
                value.Find("unplant"u8) is { } unplantValue && !SignedItem.TryRead(unplantValue, out unplant, out fault)
            )
        )
        {
            return false;
        }
        conflict = new PlantConflict(reason, order, unplant);
        return true;
    }
}
