using System.Buffers.Binary;
using System.Security.Cryptography;
using Anatomic.Comparison.CommandLine;
using Anatomic.Wire;

namespace Anatomic.Comparison.Load;

/// <summary>
/// Peers and their torrents. Each peer has a number and belongs to one torrent, and its address encodes the number. So
/// every peer of a reply can be checked against its torrent.
/// </summary>
internal sealed class Population
{
    /// <summary>Addresses 127.1.0.1 to 127.1.0.64, all of them on the loopback interface of every Linux.</summary>
    public const int V4Sources = 64;

    private const uint FirstSource = 0x7F01_0001;

    // One peer in four is a seed, about as in public swarms.
    private const int PeersPerSeed = 4;

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
            throw new ComparisonException($"{Peers:N0} peers need more ports than {sources} addresses have");
        }
    }

    /// <summary>Identifies the population; the info-hashes of its torrents are derived from it.</summary>
    public string Name { get; }

    public int Peers => torrentOf.Length;

    public int Torrents => hashes.Length;

    public int Sources => sources;

    /// <summary>The same number of peers in each torrent.</summary>
    public static Population Even(string name, int torrents, int peers, int sources = V4Sources) =>
        new(name, sources, [.. Enumerable.Range(0, torrents + 1).Select(i => (int)((long)peers * i / torrents))]);

    /// <summary>The n-th torrent has a share of 1/n, at least one peer: a few huge swarms, many tiny ones.</summary>
    public static Population Zipf(string name, int torrents, int peers)
    {
        var firstPeers = new int[torrents + 1];
        var sum = Enumerable.Range(1, torrents).Sum(rank => 1.0 / rank);
        for (var i = 0; i < torrents; i++)
        {
            firstPeers[i + 1] = firstPeers[i] + Math.Max(1, (int)((peers - torrents) / sum / (i + 1)));
        }
        return new Population(name, V4Sources, firstPeers);
    }

    public Hash20 HashOf(int torrent) => hashes[torrent];

    public int TorrentOf(int peer) => torrentOf[peer];

    public int CountOf(int torrent) => starts[torrent + 1] - starts[torrent];

    public static bool IsSeed(int peer) => peer % PeersPerSeed == 0;

    public int SourceOf(int peer) => peer % sources;

    public ushort PortOf(int peer) => (ushort)(1 + (peer / sources));

    public static uint AddressOf(int source) => FirstSource + (uint)source;

    /// <summary>Whether a compact peer of a reply, IPv4 or IPv6, belongs to this torrent.</summary>
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
