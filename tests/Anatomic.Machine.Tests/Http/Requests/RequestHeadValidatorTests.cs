using System.Text;
using Anatomic.Machine.Http.Requests;

namespace Anatomic.Machine.Tests.Http.Requests;

/// <summary>What is refused before the ordinary pipeline sees it.</summary>
public class RequestHeadValidatorTests
{
    private static readonly RequestHeadValidator Broken = new(maxBodyBytes: 1000);

    private static readonly string[] Goods =
    [
        "GET / HTTP/1.0\r\n\r\n",
        "GET /announce?info_hash=%12\u00ff HTTP/1.1\r\nhost:\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nX-Tab:\ta\tb\r\nX-Latin: \u00e4\r\n\r\n",
        "GET http://a.example/ HTTP/1.1\r\nHOST: a.example\r\n\r\n",
        "m-get!# /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0 \r\n\r\n",
        "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\nor\0der\n",
        "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n",
        "GET /a..b/..c/?/../x HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        "POST /orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked \r\n\r\n0000000A ;x=y\r\n0123456789\r\n0\r\n\r\n",
    ];

    public static TheoryData<string> GoodRequests => [.. Goods];

    [Theory]
    [MemberData(nameof(GoodRequests))]
    public void No_part_of_a_good_request_is_one(string request)
    {
        var bytes = Encoding.Latin1.GetBytes(request);
        for (var length = 1; length <= bytes.Length; length++)
        {
            Broken.ReplyTo(bytes.AsSpan(0, length)).Length.ShouldBe(0, request[..length]);
        }
    }

    [Fact]
    public void Whatever_comes_is_let_through_or_told_why()
    {
        var dice = new Random(20_051);
        var goods = Goods.Select(Encoding.Latin1.GetBytes).ToArray();
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var reply = Encoding.Latin1.GetString(Broken.ReplyTo(Mutated(goods[dice.Next(goods.Length)], dice)));
            if (reply.Length > 0)
            {
                reply.ShouldMatch("(?s)^HTTP/1\\.1 [45][0-9]{2} .*\r\nConnection: close\r\n\r\n.+\n$");
                refused++;
            }
        }
        refused.ShouldBeInRange(5_000, 15_000);
    }

    /// <summary>Some bytes of it replaced, and cut off somewhere.</summary>
    private static byte[] Mutated(byte[] good, Random dice)
    {
        var bytes = good[..dice.Next(1, good.Length + 1)];
        for (var left = dice.Next(3); left > 0; left--)
        {
            bytes[dice.Next(bytes.Length)] = dice.Next(2) == 0 ? (byte)dice.Next(256) : "\r\n: \0"u8[dice.Next(5)];
        }
        return bytes;
    }
}
