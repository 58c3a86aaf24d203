using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Network;

/// <summary>The item <c>peers</c>: first-hand peers of many torrents, sent from one holder to another.</summary>
public sealed record PeerBatch : INetworkItem<PeerBatch>
{
    public static string ItemType => "peers";

    public static int MaxBytes => NetworkLimits.MaxBatchBytes;

    /// <summary>The receiver.</summary>
    public required NodeId To { get; init; }

    /// <summary>
    /// A random number chosen at the sender's start; a new one means that the sender forgot what it had received.
    /// </summary>
    public required long Boot { get; init; }

    /// <summary>Increases with every batch to this node.</summary>
    public required long Seq { get; init; }

    public required long At { get; init; }

    /// <summary>Updates by swarm; empty in a heartbeat.</summary>
    public required IReadOnlyList<PeerShare> Shares { get; init; }

    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("at"u8).Integer(At).Key("boot"u8).Integer(Boot);
        writer.Key("s"u8).BeginList();
        foreach (var share in Shares)
        {
            share.Write(writer);
        }
        writer.End().Key("seq"u8).Integer(Seq).Key("to"u8).Bytes(To.ToArray());
        return writer.End().ToArray();
    }

    public static bool TryRead(
        BencodeValue value,
        [NotNullWhen(true)] out PeerBatch? item,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        item = null;
        var fields = new ItemFields(value, "batch");
        var shares = new List<PeerShare>();
        foreach (var entry in fields.List("s", 0, NetworkLimits.MaxShares))
        {
            if (!PeerShare.TryRead(entry, out var share, out fault))
            {
                return false;
            }
            shares.Add(share);
        }
        var read = new PeerBatch
        {
            To = fields.NodeId("to"),
            Boot = fields.Integer("boot", 0, long.MaxValue),
            Seq = fields.Integer("seq", 0, long.MaxValue),
            At = fields.Integer("at", 0, long.MaxValue),
            Shares = shares,
        };
        item = fields.IsValid(out fault) ? read : null;
        return item is not null;
    }
}
