using System.Text;
using Anatomic.Comparison.Http;
using Anatomic.Comparison.Load;
using Anatomic.World;

namespace Anatomic.Comparison.Flood;

/// <summary>Malformed, oversized and incomplete HTTP requests, and bytes that are not HTTP.</summary>
internal sealed class HostileRequests(Population population)
{
    private SplitMix64 random = new(seed: 815);
    private readonly HttpAnnounceWorkload announces = new(population, seed: 816, verify: false, keepAlive: true);

    private static readonly byte[][] Fixed =
    [
        .. new[]
        {
            "GET /announce HTTP/1.1\r\n\r\n",
            "GET /announce?info_hash=%zz&port=x HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /announce?info_hash=%12%34&peer_id=-&port=0 HTTP/9.9\r\n\r\n",
            "GET  /announce? HTTP/1.1\r\n: \r\n\r\n",
            "POST /announce HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            "POST /plant HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
            "POST /plant HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET /scrape HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "GET /scrape?info_hash=%ff HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "\r\n\r\n\r\n",
            "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            "GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: \x00\x01\xff\r\n\r\n",
            "HEAD /announce?info_hash= HTTP/1.1\r\nHost: a\nHost: b\r\n\r\n",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    /// <summary>Writes the next request, possibly truncated.</summary>
    /// <returns>Its bytes; 0 for a connection that is only held open.</returns>
    public int Write(Span<byte> buffer, int source)
    {
        switch (random.Next(6))
        {
            case 0:
                return 0;
            case 1:
                var bytes = 1 + random.Next(512);
                random.Fill(buffer[..bytes]);
                return bytes;
            case 2:
                return Huge(buffer);
            case 3:
                return Pipelined(buffer, source);
            case 4:
                return random.Next(announces.Write(buffer, source, out _));
            default:
                var text = Fixed[random.Next(Fixed.Length)];
                text.CopyTo(buffer);
                return text.Length;
        }
    }

    /// <summary>A head larger than any server accepts.</summary>
    private int Huge(Span<byte> buffer)
    {
        "GET /announce?"u8.CopyTo(buffer);
        var length = 4096 + random.Next(buffer.Length - 4096);
        buffer[14..length].Fill((byte)('a' + random.Next(26)));
        return length;
    }

    /// <summary>Two pipelined valid announces, followed by random bytes.</summary>
    private int Pipelined(Span<byte> buffer, int source)
    {
        var length = announces.Write(buffer, source, out _);
        length += announces.Write(buffer[length..], source, out _);
        var tail = random.Next(200);
        random.Fill(buffer.Slice(length, tail));
        return length + tail;
    }
}
