using System.Buffers.Text;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Udp;
using Anatomic.World;

namespace Anatomic.Comparison.Http;

/// <summary>Announces random peers of a population, each from its own address.</summary>
/// <param name="population">The peers that announce.</param>
/// <param name="seed">Determines their order.</param>
/// <param name="verify">Checks every peer of every response.</param>
/// <param name="keepAlive">Whether requests ask to keep the connection.</param>
internal sealed class HttpAnnounceWorkload(Population population, ulong seed, bool verify, bool keepAlive)
    : IHttpWorkload
{
    private SplitMix64 random = new(seed);

    public int Write(Span<byte> buffer, int source, out int tag)
    {
        var peersPerSource = population.Peers / population.Sources;
        var peer = source + (population.Sources * random.Next(peersPerSource));
        tag = peer;
        return new HttpRequestWriter(buffer)
            .Text("GET /announce?info_hash="u8)
            .Escaped(population.HashOf(population.TorrentOf(peer)))
            .Text("&peer_id=-AN0001-abcdefghijkl&port="u8)
            .Number(population.PortOf(peer))
            .Text("&uploaded=0&downloaded=0&left="u8)
            .Number(Population.IsSeed(peer) ? 0 : 1)
            .Text("&compact=1&numwant="u8)
            .Number(UdpAnnounceWorkload.NumWant)
            .Text(" HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept-Encoding: gzip\r\n"u8)
            .Text(keepAlive ? "\r\n"u8 : "Connection: close\r\n\r\n"u8)
            .Length;
    }

    public bool IsValid(ReadOnlySpan<byte> body, int tag)
    {
        var at = body.IndexOf("5:peers"u8);
        if (at < 0 || body[0] != 'd' || body[^1] != 'e')
        {
            return false;
        }
        var value = body[(at + "5:peers".Length)..];
        if (
            !Utf8Parser.TryParse(value, out int length, out var digits)
            || length % 6 != 0
            || value.Length < digits + 1 + length
        )
        {
            return false;
        }
        var peers = value.Slice(digits + 1, length);
        var torrent = population.TorrentOf(tag);
        for (var i = 0; verify && i < peers.Length; i += 6)
        {
            if (!population.IsIn(peers.Slice(i, 6), torrent))
            {
                return false;
            }
        }
        return true;
    }
}
