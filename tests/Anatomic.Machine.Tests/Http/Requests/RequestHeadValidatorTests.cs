using System.Text;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Requests;
using Anatomic.Wire.Http;

namespace Anatomic.Machine.Tests.Http.Requests;

public class RequestHeadValidatorTests
{
    private static readonly RequestHeadValidator Validator = new(maxBodyBytes: 1000);

    private static readonly string[] Valid =
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
        "POST /orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked \r\n\r\n0000000A ;x=y\r\n0123456789\r\n",
    ];

    public static TheoryData<string> ValidRequests => [.. Valid];

    [Theory]
    [MemberData(nameof(ValidRequests))]
    public void No_part_of_a_valid_request_is_rejected(string request)
    {
        var bytes = Encoding.Latin1.GetBytes(request);
        for (var length = 1; length <= bytes.Length; length++)
        {
            RejectionOf(bytes.AsSpan(0, length)).ShouldBe("", request[..length]);
        }
    }

    [Fact]
    public void Every_rejection_is_a_whole_reply_with_a_reason()
    {
        var random = new Random(20_051);
        var valid = Valid.Select(Encoding.Latin1.GetBytes).ToArray();
        var rejected = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var reply = RejectionOf(Mutate(valid[random.Next(valid.Length)], random));
            if (reply.Length > 0)
            {
                reply.ShouldMatch("(?s)^HTTP/1\\.1 [45][0-9]{2} .*\r\nConnection: close\r\n\r\n.+\n$");
                rejected++;
            }
        }
        rejected.ShouldBeInRange(4_000, 15_000);
    }

    private static string RejectionOf(ReadOnlySpan<byte> start)
    {
        var status = RequestHeadReader.Read(start, MachineLimits.HeadBytes, out var head);
        return status == RequestHeadStatus.Incomplete
            ? ""
            : Encoding.Latin1.GetString(Validator.Rejection(head, start[head.Length..]));
    }

    /// <summary>Cuts it off somewhere, and replaces some of its bytes.</summary>
    private static byte[] Mutate(byte[] valid, Random random)
    {
        var bytes = valid[..random.Next(1, valid.Length + 1)];
        for (var left = random.Next(3); left > 0; left--)
        {
            bytes[random.Next(bytes.Length)] =
                random.Next(2) == 0 ? (byte)random.Next(256) : "\r\n: \0"u8[random.Next(5)];
        }
        return bytes;
    }
}
