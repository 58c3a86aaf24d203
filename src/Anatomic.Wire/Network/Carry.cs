using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Network;

/// <summary>
/// The item <c>carry</c>: a candidate sends an order, of any age, to another candidate that is to fill a gap.
/// </summary>
/// <param name="Order">Digest of the order.</param>
/// <param name="To">The receiving candidate.</param>
/// <param name="At">Unix milliseconds.</param>
public sealed record Carry(Hash32 Order, NodeId To, long At) : INetworkItem<Carry>
{
    public static string ItemType => "carry";

    public static int MaxBytes => NetworkLimits.MaxItemBytes;

    public byte[] Write() =>
        new BencodeWriter()
            .BeginDictionary()
            .Key("at"u8)
            .Integer(At)
            .Key("order"u8)
            .Bytes(Order.ToArray())
            .Key("to"u8)
            .Bytes(To.ToArray())
            .End()
            .ToArray();

    public static bool TryRead(
        BencodeValue value,
        [NotNullWhen(true)] out Carry? item,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        var fields = new ItemFields(value, "carry");
        var read = new Carry(fields.Hash32("order"), fields.NodeId("to"), fields.Integer("at", 0, long.MaxValue));
        item = fields.IsValid(out fault) ? read : null;
        return item is not null;
    }
}
