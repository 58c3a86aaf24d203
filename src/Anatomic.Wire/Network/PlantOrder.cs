using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Network;

/// <summary>The item <c>plant</c>: a planter asks <see cref="Want"/> of the candidates to hold a torrent.</summary>
public sealed record PlantOrder : INetworkItem<PlantOrder>
{
    public static string ItemType => "plant";

    public static int MaxBytes => NetworkLimits.MaxItemBytes;

    /// <summary>
    /// The v1 info-hash, the truncated v2 info-hash, or both. The first determines placement and key.
    /// </summary>
    public required IReadOnlyList<Hash20> Swarms { get; init; }

    /// <summary>1 to 12 nodes in placement order; no other node can ever hold this order.</summary>
    public required IReadOnlyList<NodeId> Candidates { get; init; }

    /// <summary>How many nodes should hold it at a time: 1 to the number of candidates.</summary>
    public required int Want { get; init; }

    /// <summary>Unix milliseconds; of two orders for the same key and torrent, the later one wins.</summary>
    public required long At { get; init; }

    /// <summary>The nonce found by <see cref="Work"/>.</summary>
    public ulong Nonce { get; init; }

    /// <summary>The node's index among the candidates; -1 when it is not one.</summary>
    public int PlaceOf(NodeId node)
    {
        for (var place = 0; place < Candidates.Count; place++)
        {
            if (Candidates[place] == node)
            {
                return place;
            }
        }
        return -1;
    }

    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("at"u8).Integer(At).Key("c"u8).BeginList();
        foreach (var candidate in Candidates)
        {
            writer.Bytes(candidate.ToArray());
        }
        writer.End().Key("h"u8).BeginList();
        foreach (var swarm in Swarms)
        {
            writer.Bytes(swarm.ToArray());
        }
        writer.End().Key("want"u8).Integer(Want).Key("work"u8).Bytes(Work.ToBytes(Nonce));
        return writer.End().ToArray();
    }

    public static bool TryRead(
        BencodeValue value,
        [NotNullWhen(true)] out PlantOrder? item,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        var fields = new ItemFields(value, "order");
        var candidates = fields.Strings("c", 1, NetworkLimits.MaxCandidates, Hash32.Length, Hash32.Length);
        var swarms = fields.Strings("h", 1, NetworkLimits.MaxSwarms, Hash20.Length, Hash20.Length);
        var nonce = fields.Bytes("work", Work.NonceLength, Work.NonceLength);
        item = new PlantOrder
        {
            Swarms = [.. swarms.Select(bytes => new Hash20(bytes.Span))],
            Candidates = [.. candidates.Select(bytes => new NodeId(bytes.Span))],
            Want = (int)fields.Integer("want", 1, Math.Max(1, candidates.Count)),
            At = fields.Integer("at", 0, long.MaxValue),
            Nonce = nonce.IsEmpty ? 0 : Work.FromBytes(nonce.Span),
        };
        if (item.Candidates.Distinct().Count() != item.Candidates.Count)
        {
            fields.Fail("c", "contains a node twice");
        }
        if (item.Swarms.Count == 2 && item.Swarms[0] == item.Swarms[1])
        {
            fields.Fail("h", "contains a swarm twice");
        }
        var fine = fields.IsValid(out fault);
        item = fine ? item : null;
        return fine;
    }
}
