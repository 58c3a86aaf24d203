using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Network;

/// <summary>The item <c>receipt</c>: a node confirms that it holds an order durably.</summary>
/// <param name="Order">Digest of the order.</param>
/// <param name="Node">The node, which is also the signer.</param>
/// <param name="At">Unix milliseconds.</param>
public sealed record Receipt(Hash32 Order, NodeId Node, long At) : INetworkItem<Receipt>
{
    public static string ItemType => "receipt";

    public static int MaxBytes => NetworkLimits.MaxItemBytes;

    public byte[] Write() =>
        new BencodeWriter()
            .BeginDictionary()
            .Key("at"u8)
            .Integer(At)
            .Key("node"u8)
            .Bytes(Node.ToArray())
            .Key("order"u8)
            .Bytes(Order.ToArray())
            .End()
            .ToArray();

    public static bool TryRead(
        BencodeValue value,
        [NotNullWhen(true)] out Receipt? item,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        var fields = new ItemFields(value, "receipt");
        var read = new Receipt(fields.Hash32("order"), fields.NodeId("node"), fields.Integer("at", 0, long.MaxValue));
        item = fields.IsValid(out fault) ? read : null;
        return item is not null;
    }
}
