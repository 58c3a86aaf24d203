using System.Text;
using Anatomic.Wire.Http;

namespace Anatomic.Wire.Tests.Http;

public class RequestHeadReaderTests
{
    private const int MaxBytes = 16 * 1024;

    private static readonly string[] ValidHeads =
    [
        "GET / HTTP/1.0\r\n\r\n",
        "GET /announce?info_hash=%12\u00ff HTTP/1.1\r\nhost:\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nX-Tab:\ta\tb\r\nX-Latin: \u00e4\r\n\r\n",
        "m-get!# /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0 \r\n\r\n",
        "GET /a..b/..c/?/../x HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked \r\n\r\n",
    ];

    [Fact]
    public void A_head_is_read_into_its_parts()
    {
        const string Head =
            "GET /announce?info_hash=%12&x?y HTTP/1.1\r\nHost: a\r\n"
            + "x-Forwarded-for: 1.2.3.4\r\nX-Forwarded-For:\t5.6.7.8 \r\n\r\n";
        var bytes = Encoding.Latin1.GetBytes(Head + "GET /next");
        RequestHeadReader.TryRead(bytes, out var layout).ShouldBeTrue();
        layout.Length.ShouldBe(Head.Length);
        layout.Fault.ShouldBe(RequestHeadFault.None);
        var head = new RequestHead(bytes, layout);
        Encoding.Latin1.GetString(head.Bytes).ShouldBe(Head);
        Encoding.Latin1.GetString(head.Method).ShouldBe("GET");
        Encoding.Latin1.GetString(head.Path).ShouldBe("/announce");
        Encoding.Latin1.GetString(head.Query).ShouldBe("info_hash=%12&x?y");
        Encoding.Latin1.GetString(head.ForwardedFor).ShouldBe("5.6.7.8");
    }

    [Fact]
    public void Parts_that_a_head_lacks_are_empty()
    {
        var bytes = "HEAD /scrape? HTTP/1.0\r\n\r\n"u8;
        RequestHeadReader.TryRead(bytes, out var layout).ShouldBeTrue();
        var head = new RequestHead(bytes, layout);
        Encoding.Latin1.GetString(head.Path).ShouldBe("/scrape");
        head.Query.Length.ShouldBe(0);
        head.ForwardedFor.Length.ShouldBe(0);
        head.HasBody.ShouldBeFalse();
        head.IsVersion10.ShouldBeTrue();
    }

    [Theory]
    [InlineData("HTTP/1.1\r\n", true)]
    [InlineData("HTTP/1.1\r\nConnection: close\r\n", false)]
    [InlineData("HTTP/1.1\r\nCONNECTION: x, Close\r\n", false)]
    [InlineData("HTTP/1.1\r\nConnection: closed\r\n", true)]
    [InlineData("HTTP/1.0\r\n", false)]
    [InlineData("HTTP/1.0\r\nConnection: Keep-Alive\r\n", true)]
    [InlineData("HTTP/1.0\r\nConnection: keep-alive, close\r\n", false)]
    [InlineData("HTTP/1.0\r\nConnection: close\r\nConnection: keep-alive\r\n", false)]
    public void Version_and_Connection_say_whether_the_client_wants_to_go_on(string rest, bool keeps)
    {
        var bytes = Encoding.Latin1.GetBytes($"GET /x {rest}\r\n");
        RequestHeadReader.TryRead(bytes, out var layout).ShouldBeTrue();
        new RequestHead(bytes, layout).WantsKeepAlive.ShouldBe(keeps);
    }

    [Theory]
    [InlineData("Content-Length: 0", 0)]
    [InlineData("content-length:12\t", 12)]
    [InlineData("Content-Length: 0\r\nContent-Length: 12", RequestHeadLayout.UnknownBody)]
    [InlineData("Content-Length: +12", RequestHeadLayout.UnknownBody)]
    [InlineData("Content-Length:", RequestHeadLayout.UnknownBody)]
    [InlineData("Content-Length : 12", RequestHeadLayout.UnknownBody)]
    [InlineData("Content-Length: 9999999999999999999", RequestHeadLayout.UnknownBody)]
    [InlineData("Transfer-Encoding: chunked", RequestHeadLayout.UnknownBody)]
    [InlineData("Content-Length: 12\r\nTransfer-Encoding: chunked", RequestHeadLayout.UnknownBody)]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 12", RequestHeadLayout.UnknownBody)]
    [InlineData("transfer-encoding : chunked", RequestHeadLayout.UnknownBody)]
    [InlineData("Content-Lengths: 12", 0)]
    [InlineData("Content-Length\u000b: 12", RequestHeadLayout.UnknownBody)]
    [InlineData("Transfer-Encoding\u0000: chunked", RequestHeadLayout.UnknownBody)]
    [InlineData(" Content-Length: 12", RequestHeadLayout.UnknownBody)]
    [InlineData("X: a\rContent-Length: 12", RequestHeadLayout.UnknownBody)]
    public void Headers_say_how_long_the_body_is(string header, long bytes)
    {
        Read($"GET /x HTTP/1.1\r\nHost: a\r\n{header}\r\n\r\n", out var layout).ShouldBe(RequestHeadStatus.Complete);
        layout.BodyBytes.ShouldBe(bytes);
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001 not http\r\n\r\n", RequestHeadFault.RequestLine)]
    [InlineData("GET  /x HTTP/1.1\r\n\r\n", RequestHeadFault.RequestLine)]
    [InlineData("GET /x\r\n\r\n", RequestHeadFault.RequestLine)]
    [InlineData("GET /a\u0001b HTTP/1.1\r\n\r\n", RequestHeadFault.RequestLine)]
    [InlineData("GET /a\rb HTTP/1.1\r\n\r\n", RequestHeadFault.RequestLine)]
    [InlineData("GET /../x HTTP/1.1\r\n\r\n", RequestHeadFault.ParentSegment)]
    [InlineData("GET /x/..?y HTTP/1.1\r\n\r\n", RequestHeadFault.ParentSegment)]
    [InlineData("PRI * HTTP/2.0\r\n\r\n", RequestHeadFault.Version)]
    [InlineData("GET /x HTTP/1.1 \r\n\r\n", RequestHeadFault.Version)]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", RequestHeadFault.HeaderLine)]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", RequestHeadFault.HeaderLine)]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", RequestHeadFault.HeaderLine)]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\r\nX: \u0000\r\n\r\n", RequestHeadFault.HeaderLine)]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\r\nX: \r\r\n\r\n", RequestHeadFault.HeaderLine)]
    [InlineData("GET /x HTTP/1.1\r\n\r\n", RequestHeadFault.Host)]
    [InlineData("GET /x HTTP/1.0\r\nHost: a\r\nhost: a\r\n\r\n", RequestHeadFault.Host)]
    [InlineData("GET /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n", RequestHeadFault.ContentLength)]
    [InlineData("GET /x HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", RequestHeadFault.TransferEncoding)]
    [InlineData(
        "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        RequestHeadFault.LengthAndEncoding
    )]
    public void The_first_fault_of_a_complete_head_is_reported(string head, RequestHeadFault fault)
    {
        Read(head, out var layout).ShouldBe(RequestHeadStatus.Complete);
        layout.Fault.ShouldBe(fault);
        layout.Length.ShouldBe(head.Length);
    }

    [Theory]
    [InlineData("GET /x\n", RequestHeadFault.LineEnding)]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\nHost: b", RequestHeadFault.LineEnding)]
    [InlineData("GET /x HTTP/1.1\r\n\n", RequestHeadFault.LineEnding)]
    [InlineData("\n", RequestHeadFault.RequestLine)]
    [InlineData("no http \u0001", RequestHeadFault.RequestLine)]
    [InlineData("\u0016", RequestHeadFault.RequestLine)]
    [InlineData("get /x HTTP/1.1\r\nno colon\r\n", RequestHeadFault.HeaderLine)]
    public void What_no_further_bytes_can_mend_is_malformed_at_once(string start, RequestHeadFault fault)
    {
        Read(start, out var layout).ShouldBe(RequestHeadStatus.Malformed);
        layout.Fault.ShouldBe(fault);
    }

    [Theory]
    [InlineData("GET /x HTTP/1.1\r\n\r\n", true)]
    [InlineData("get /x HTTP/1.1\r\n\r\n", false)]
    [InlineData("GET * HTTP/1.1\r\n\r\n", false)]
    [InlineData("GET http://a/x HTTP/1.1\r\n\r\n", false)]
    [InlineData("GET /x HTTP/2.0\r\n\r\n", false)]
    [InlineData("GET /x HTTP/1.1\r\nno colon\r\n\r\n", false)]
    [InlineData("GET /\u0001 HTTP/1.1\r\n: x\r\n\r\n", true)]
    public void A_head_is_parsed_when_its_parts_can_be_told_apart(string head, bool isParsed)
    {
        RequestHeadReader.TryRead(Encoding.Latin1.GetBytes(head), out var layout).ShouldBe(isParsed);
        layout.IsParsed.ShouldBe(isParsed);
    }

    [Theory]
    [InlineData("GET /", RequestHeadFault.TargetTooLong)]
    [InlineData("GET / HTTP/1.1\r\nX: ", RequestHeadFault.HeadTooLong)]
    public void A_head_is_malformed_at_the_limit_and_not_before(string start, RequestHeadFault fault)
    {
        Read(start.PadRight(MaxBytes - 1, 'x'), out _).ShouldBe(RequestHeadStatus.Incomplete);
        Read(start.PadRight(MaxBytes, 'x'), out var layout).ShouldBe(RequestHeadStatus.Malformed);
        layout.Fault.ShouldBe(fault);
    }

    [Fact]
    public void A_head_may_be_as_long_as_the_limit()
    {
        var head = "GET / HTTP/1.1\r\nHost: a\r\nX: ".PadRight(MaxBytes - 4, 'x') + "\r\n\r\n";
        Read(head + "more", out var layout).ShouldBe(RequestHeadStatus.Complete);
        layout.Length.ShouldBe(MaxBytes);
        Read("x" + head, out _).ShouldBe(RequestHeadStatus.Malformed);
    }

    [Fact]
    public void A_valid_head_is_incomplete_until_its_last_byte()
    {
        foreach (var head in ValidHeads)
        {
            for (var length = 1; length < head.Length; length++)
            {
                Read(head[..length], out _).ShouldBe(RequestHeadStatus.Incomplete, head[..length]);
            }
            Read(head, out var layout).ShouldBe(RequestHeadStatus.Complete, head);
            layout.Fault.ShouldBe(RequestHeadFault.None, head);
            layout.Length.ShouldBe(head.Length);
        }
    }

    [Fact]
    public void No_further_bytes_mend_a_malformed_head_or_change_a_complete_one()
    {
        var random = new Random(20_051);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Mutate(Encoding.Latin1.GetBytes(ValidHeads[random.Next(ValidHeads.Length)]), random);
            var (before, beforeLayout) = (RequestHeadStatus.Incomplete, default(RequestHeadLayout));
            for (var length = 1; length <= bytes.Length; length++)
            {
                var status = RequestHeadReader.Read(bytes.AsSpan(0, length), MaxBytes, out var layout);
                if (before == RequestHeadStatus.Complete)
                {
                    (status, layout).ShouldBe((before, beforeLayout));
                }
                if (before == RequestHeadStatus.Malformed)
                {
                    status.ShouldNotBe(RequestHeadStatus.Incomplete);
                    layout.Fault.ShouldNotBe(RequestHeadFault.None);
                }
                (before, beforeLayout) = (status, layout);
                (status != RequestHeadStatus.Complete || layout.Length <= length).ShouldBeTrue();
            }
        }
    }

    [Fact]
    public void A_head_in_pieces_gives_what_it_gives_as_a_whole()
    {
        var random = new Random(20_052);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Mutate(Encoding.Latin1.GetBytes(ValidHeads[random.Next(ValidHeads.Length)]), random);
            var (status, layout) = (RequestHeadStatus.Incomplete, default(RequestHeadLayout));
            for (var length = 0; length < bytes.Length && status == RequestHeadStatus.Incomplete; )
            {
                length = random.Next(length, bytes.Length) + 1;
                status = RequestHeadReader.Resume(bytes.AsSpan(0, length), MaxBytes, ref layout);
                var whole = RequestHeadReader.Read(bytes.AsSpan(0, length), MaxBytes, out var wholeLayout);
                (status, layout).ShouldBe((whole, wholeLayout));
            }
        }
    }

    [Fact]
    public void No_line_of_a_head_in_pieces_is_read_twice()
    {
        var bytes = Encoding.Latin1.GetBytes("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\nX: y\r\n\r\n");
        var layout = default(RequestHeadLayout);
        for (var length = 1; length < bytes.Length; length++)
        {
            RequestHeadReader
                .Resume(bytes.AsSpan(0, length), MaxBytes, ref layout)
                .ShouldBe(RequestHeadStatus.Incomplete);
            if (bytes[length - 1] == '\n')
            {
                bytes.AsSpan(0, length).Clear();
            }
        }
        // Fewer bytes than before say nothing new.
        RequestHeadReader.Resume(bytes.AsSpan(0, 1), MaxBytes, ref layout).ShouldBe(RequestHeadStatus.Incomplete);
        RequestHeadReader.Resume(bytes, MaxBytes, ref layout).ShouldBe(RequestHeadStatus.Complete);
        (layout.Fault, layout.BodyBytes, layout.Length).ShouldBe((RequestHeadFault.None, 7, bytes.Length));
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        var bytes = Encoding.Latin1.GetBytes(ValidHeads[1]);
        RequestHeadReader.TryRead(bytes, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            RequestHeadReader.TryRead(bytes, out _);
        }
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static RequestHeadStatus Read(string start, out RequestHeadLayout layout) =>
        RequestHeadReader.Read(Encoding.Latin1.GetBytes(start), MaxBytes, out layout);

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        for (var left = random.Next(4); left > 0; left--)
        {
            bytes[random.Next(bytes.Length)] =
                random.Next(2) == 0 ? (byte)random.Next(256) : "\r\n: \0"u8[random.Next(5)];
        }
        return bytes;
    }
}
