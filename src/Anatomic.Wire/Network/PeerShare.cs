using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Network;

/// <summary>
/// Updates of one swarm in a batch, encoded as <c>[order digest, h, v4 compact, v6 compact, flags, gone v4, gone v6,
/// seeds, leeches]</c>. The flags have one byte per peer, IPv4 first; 1 is a seed.
/// </summary>
/// <param name="Order">The order that both nodes hold.</param>
/// <param name="Swarm">One of its swarms.</param>
/// <param name="Peers">New and renewed peers, at most 200.</param>
/// <param name="Gone">Peers that have left, at most 200.</param>
/// <param name="Totals">The sender's first-hand totals.</param>
public sealed record PeerShare(
    Hash32 Order,
    Hash20 Swarm,
    IReadOnlyList<SwarmPeer> Peers,
    IReadOnlyList<Endpoint> Gone,
    SwarmTotals Totals
)
{
    private const int Parts = 9;

    internal void Write(BencodeWriter writer)
    {
        var ordered = Peers.Where(peer => peer.Address.IsV4).Concat(Peers.Where(peer => !peer.Address.IsV4)).ToArray();
        var addresses = ordered.Select(peer => peer.Address).ToArray();
        writer.BeginList().Bytes(Order.ToArray()).Bytes(Swarm.ToArray());
        writer.Bytes(CompactEndpoints.Write(addresses, v4: true)).Bytes(CompactEndpoints.Write(addresses, v4: false));
        writer.Bytes([.. ordered.Select(peer => (byte)(peer.IsSeed ? 1 : 0))]);
        writer.Bytes(CompactEndpoints.Write(Gone, v4: true)).Bytes(CompactEndpoints.Write(Gone, v4: false));
        writer.Integer(Totals.Seeds).Integer(Totals.Leechers).End();
    }

    internal static bool TryRead(
        BencodeValue value,
        [NotNullWhen(true)] out PeerShare? share,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        share = null;
        fault = new Fault("batch: an entry is not a list of nine values of the right kinds", value.Position);
        if (value.Kind != BencodeKind.List || value.Items.Count != Parts)
        {
            return false;
        }
        var items = value.Items;
        if (
            items.Take(7).Any(item => item.Kind != BencodeKind.Bytes)
            || items.Skip(7).Any(item => item.Kind != BencodeKind.Integer)
            || items[0].Bytes.Length != Hash32.Length
            || items[1].Bytes.Length != Hash20.Length
        )
        {
            return false;
        }
        var (addresses, gone) = (new List<Endpoint>(), new List<Endpoint>());
        if (
            !CompactEndpoints.TryRead(items[2].Bytes.Span, v4: true, addresses)
            || !CompactEndpoints.TryRead(items[3].Bytes.Span, v4: false, addresses)
            || !CompactEndpoints.TryRead(items[5].Bytes.Span, v4: true, gone)
            || !CompactEndpoints.TryRead(items[6].Bytes.Span, v4: false, gone)
        )
        {
            fault = new Fault("batch: an entry's addresses are not in compact form", value.Position);
            return false;
        }
        var flags = items[4].Bytes;
        if (flags.Length != addresses.Count || flags.Span.ContainsAnyExcept((byte)0, (byte)1))
        {
            fault = new Fault("batch: an entry's flags do not match its addresses", value.Position);
            return false;
        }
        if (addresses.Count > NetworkLimits.MaxSharedPeers || gone.Count > NetworkLimits.MaxSharedPeers)
        {
            fault = new Fault($"batch: more than {NetworkLimits.MaxSharedPeers} peers of one torrent", value.Position);
            return false;
        }
        var (seeds, leeches) = (items[7].Integer, items[8].Integer);
        if (seeds is < 0 or > NetworkLimits.MaxSwarmTotal || leeches is < 0 or > NetworkLimits.MaxSwarmTotal)
        {
            fault = new Fault("batch: an entry's totals are too large", value.Position);
            return false;
        }
        share = new PeerShare(
            new Hash32(items[0].Bytes.Span),
            new Hash20(items[1].Bytes.Span),
            [.. addresses.Select((address, index) => new SwarmPeer(address, flags.Span[index] == 1))],
            gone,
            new SwarmTotals((int)seeds, (int)leeches)
        );
        fault = null;
        return true;
    }
}
