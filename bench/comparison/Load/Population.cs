using System.Buffers.Binary;
using System.Security.Cryptography;
using Anatomic.Comparison.CommandLine;
using Anatomic.Wire;

namespace Anatomic.Comparison.Load;

/// <summary>
/// Peers in torrents. Each peer has a number, is in exactly one torrent, and has an address that gives its number back: so
/// every peer of every reply can be looked up, and one of another torrent is found.
/// </summary>
internal sealed class Population
{
    /// <summary>Addresses 127.1.0.1 to 127.1.0.64, which all loopback interfaces of Linux have.</summary>
    public const int V4Sources = 64;

    private const uint FirstSource = 0x7F01_0001;

    // Of a swarm one in four is complete, about what public swarms show.
    private const int PeersASeed = 4;

    private readonly int sources;
    private readonly Hash20[] hashes;
    private readonly int[] starts;
    private readonly int[] torrentOf;

    private Population(string name, int sources, int[] starts)
    {
        (Name, this.sources, this.starts) = (name, sources, starts);
        hashes = new Hash20[starts.Length - 1];
        torrentOf = new int[starts[^1]];
        for (var torrent = 0; torrent < hashes.Length; torrent++)
        {
            hashes[torrent] = HashOf(name, torrent);
            Array.Fill(torrentOf, torrent, starts[torrent], starts[torrent + 1] - starts[torrent]);
        }
        if (Peers > sources * ushort.MaxValue)
        {
            throw new PeersException($"{Peers:N0} peers are more than {sources} addresses have ports for");
        }
    }

    /// <summary>Told apart by it, as are its torrents' hashes.</summary>
    public string Name { get; }

    public int Peers => torrentOf.Length;

    public int Torrents => hashes.Length;

    public int Sources => sources;

    /// <summary>As many peers in every torrent.</summary>
    public static Population Even(string name, int torrents, int peers, int sources = V4Sources) =>
        new(name, sources, [.. Enumerable.Range(0, torrents + 1).Select(i => (int)((long)peers * i / torrents))]);

    /// <summary>The n-th torrent has a share of 1/n, at least one peer: a few swarms are huge, most are tiny.</summary>
    public static Population Zipf(string name, int torrents, int peers)
    {
        var begins = new int[torrents + 1];
        var sum = Enumerable.Range(1, torrents).Sum(rank => 1.0 / rank);
        for (var i = 0; i < torrents; i++)
        {
            begins[i + 1] = begins[i] + Math.Max(1, (int)((peers - torrents) / sum / (i + 1)));
        }
        return new Population(name, V4Sources, begins);
    }

    public Hash20 HashOf(int torrent) => hashes[torrent];

    public int TorrentOf(int peer) => torrentOf[peer];

    public int CountOf(int torrent) => starts[torrent + 1] - starts[torrent];

    public bool IsSeed(int peer) => peer % PeersASeed == 0;

    public int SourceOf(int peer) => peer % sources;

    public ushort PortOf(int peer) => (ushort)(1 + (peer / sources));

    public static uint AddressOf(int source) => FirstSource + (uint)source;

    /// <summary>Whether this compact peer of a reply, IPv4 or IPv6, is one of this torrent.</summary>
    public bool IsIn(ReadOnlySpan<byte> compact, int torrent)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(compact[^2..]);
        var source = compact.Length == 6 ? (long)BinaryPrimitives.ReadUInt32BigEndian(compact) - FirstSource : 0;
        var peer = ((port - 1L) * sources) + source;
        return source >= 0
            && source < sources
            && peer >= 0
            && peer < Peers
            && torrentOf[peer] == torrent
            && (compact.Length == 6 || compact[..16].SequenceEqual(LoopbackV6));
    }

    private static ReadOnlySpan<byte> LoopbackV6 => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

    private static Hash20 HashOf(string name, int torrent) =>
        new(SHA1.HashData(System.Text.Encoding.ASCII.GetBytes($"{name}/{torrent}")));
}
