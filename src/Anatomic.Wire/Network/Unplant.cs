using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Network;

/// <summary>The item <c>unplant</c>, signed by the order's own key: the planter ends an order for good.</summary>
/// <param name="Order">Digest of the order.</param>
/// <param name="At">Unix milliseconds.</param>
public sealed record Unplant(Hash32 Order, long At) : INetworkItem<Unplant>
{
    public static string ItemType => "unplant";

    public static int MaxBytes => NetworkLimits.MaxItemBytes;

    public byte[] Write() =>
        new BencodeWriter()
            .BeginDictionary()
            .Key("at"u8)
            .Integer(At)
            .Key("order"u8)
            .Bytes(Order.ToArray())
            .End()
            .ToArray();

    public static bool TryRead(
        BencodeValue value,
        [NotNullWhen(true)] out Unplant? item,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        var fields = new ItemFields(value, "unplant");
        var read = new Unplant(fields.Hash32("order"), fields.Integer("at", 0, long.MaxValue));
        item = fields.IsValid(out fault) ? read : null;
        return item is not null;
    }
}
