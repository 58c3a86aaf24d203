using System.Text;
using Anatomic.Comparison.Http;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Flood;

/// <summary>What comes over TCP that is no announce as it should be.</summary>
internal sealed class OddRequests(Population population)
{
    private readonly Dice dice = new(seed: 815);
    private readonly HttpAnnounces announces = new(population, seed: 816, verify: false, stays: true);

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

    /// <summary>Writes one; it may end anywhere. Nothing is the request of a connection that is only held open.</summary>
    public int Write(Span<byte> into, int source)
    {
        switch (dice.Next(6))
        {
            case 0:
                return 0;
            case 1:
                var bytes = 1 + dice.Next(512);
                dice.Fill(into[..bytes]);
                return bytes;
            case 2:
                return Huge(into);
            case 3:
                return Pipelined(into, source);
            case 4:
                return dice.Next(announces.Write(into, source, out _));
            default:
                var text = Fixed[dice.Next(Fixed.Length)];
                text.CopyTo(into);
                return text.Length;
        }
    }

    /// <summary>A head beyond what any server takes.</summary>
    private int Huge(Span<byte> into)
    {
        "GET /announce?"u8.CopyTo(into);
        var length = 4096 + dice.Next(into.Length - 4096);
        into[14..length].Fill((byte)('a' + dice.Next(26)));
        return length;
    }

    /// <summary>A good announce, at once behind it another one, and then bytes of no meaning.</summary>
    private int Pipelined(Span<byte> into, int source)
    {
        var length = announces.Write(into, source, out _);
        length += announces.Write(into[length..], source, out _);
        var tail = dice.Next(200);
        dice.Fill(into.Slice(length, tail));
        return length + tail;
    }
}
