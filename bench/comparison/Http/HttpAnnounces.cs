using System.Buffers.Text;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Udp;

namespace Anatomic.Comparison.Http;

/// <summary>Announces of a population's peers; each leaves from its peer's address.</summary>
/// <param name="population">Who announces.</param>
/// <param name="seed">Of the order.</param>
/// <param name="verify">Looks every peer of every reply up.</param>
/// <param name="stays">Asks to keep the connection.</param>
internal sealed class HttpAnnounces(Population population, ulong seed, bool verify, bool stays) : IHttpWork
{
    private readonly Dice dice = new(seed);

    public int Write(Span<byte> into, int source, out int subject)
    {
        var rows = population.Peers / population.Sources;
        var peer = source + (population.Sources * dice.Next(rows));
        subject = peer;
        return new HttpText(into)
            .Text("GET /announce?info_hash="u8)
            .Escaped(population.HashOf(population.TorrentOf(peer)))
            .Text("&peer_id=-AN0001-abcdefghijkl&port="u8)
            .Number(population.PortOf(peer))
            .Text("&uploaded=0&downloaded=0&left="u8)
            .Number(population.IsSeed(peer) ? 0 : 1)
            .Text("&compact=1&numwant="u8)
            .Number(UdpAnnounces.Wanted)
            .Text(" HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: peers\r\nAccept-Encoding: gzip\r\n"u8)
            .Text(stays ? "\r\n"u8 : "Connection: close\r\n\r\n"u8)
            .Length;
    }

    public bool IsGood(ReadOnlySpan<byte> body, int subject)
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
        var torrent = population.TorrentOf(subject);
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
