using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Http;

/// <summary>A front served by the native loops, where the system has them.</summary>
public class FrontTests() : FrontTestsBase(portable: false);

/// <summary>A front served in Kestrel's pipeline, as on every system.</summary>
public class PortableFrontTests() : FrontTestsBase(portable: true);

public abstract class FrontTestsBase(bool portable)
{
    private const string LastHeader = "Connection: close\r\n\r\n";

    [Fact]
    public async Task Pipelined_requests_are_answered_in_their_order()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var requests = string.Concat(
            Enumerable.Range(0, 500).Select(i => $"GET /announce?{i} HTTP/1.1\r\nHost: a\r\n\r\n")
        );
        var answer = await TestMachine.SendAndReadAsync(
            server.Local,
            machine.Stop,
            requests + "GET /announce?last HTTP/1.1\r\n" + LastHeader
        );
        var expected = Enumerable.Range(0, 500).Select(i => $"/announce?{i}").Append("/announce?last");
        answer.ShouldBe(string.Concat(expected.Select(EchoFront.Reply)));
    }

    [Fact]
    public async Task A_connection_stays_open_between_requests()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        using var client = await TestMachine.ConnectAsync(server.Local);
        for (var i = 0; i < 20; i++)
        {
            await client
                .GetStream()
                .WriteAsync(Encoding.Latin1.GetBytes($"GET /announce?{i} HTTP/1.1\r\n\r\n"), machine.Stop);
            var expected = EchoFront.Reply($"/announce?{i}");
            (await TestMachine.ReadAsync(client.GetStream(), expected.Length, machine.Stop)).ShouldBe(expected);
        }
    }

    [Fact]
    public async Task A_head_in_many_pieces_is_one_request()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var request = "GET /announce?info_hash=%12%ab HTTP/1.1\r\nHost: a\r\n" + LastHeader;
        var pieces = request.Select(c => c.ToString()).ToArray();
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, pieces)).ShouldBe(
            EchoFront.Reply("/announce?info_hash=%12%ab")
        );
    }

    [Fact]
    public async Task A_head_that_spans_buffers_is_one_request()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var target = "/announce?" + new string('x', 12_000);
        var request = $"GET {target} HTTP/1.1\r\nHost: a\r\n";
        var answer = await TestMachine.SendAndReadAsync(
            server.Local,
            machine.Stop,
            request + "\r\n" + request + LastHeader
        );
        answer.ShouldBe(EchoFront.Reply(target) + EchoFront.Reply(target));
    }

    [Fact]
    public async Task Replies_larger_than_every_buffer_arrive_whole()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var many = string.Concat(Enumerable.Repeat("GET /announce?big HTTP/1.1\r\n\r\n", 30));
        var answer = await TestMachine.SendAndReadAsync(
            server.Local,
            machine.Stop,
            many + "GET /announce?last HTTP/1.1\r\n" + LastHeader
        );
        var big = EchoFront.Reply(new string('b', 100_000));
        answer.ShouldBe(string.Concat(Enumerable.Repeat(big, 30)) + EchoFront.Reply("/announce?last"));
    }

    [Fact]
    public async Task Kestrel_gets_every_byte_behind_the_answered_requests()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var post = "POST /orders?x=%2f HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" + LastHeader + "order";
        var answer = await TestMachine.SendAndReadAsync(
            server.Local,
            machine.Stop,
            "GET /announce?1 HTTP/1.1\r\nHost: a\r\n\r\n" + post
        );
        answer.ShouldStartWith(EchoFront.Reply("/announce?1") + "HTTP/1.1 200 OK\r\n");
        answer.ShouldEndWith("\r\n\r\nPOST /orders?x=%2f order");
    }

    [Fact]
    public async Task An_announce_that_follows_another_request_still_reaches_the_front()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var answer = await TestMachine.SendAndReadAsync(
            server.Local,
            machine.Stop,
            "GET /status HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /announce?info_hash=%ff HTTP/1.1\r\nHost: a\r\n" + LastHeader
        );
        answer.ShouldContain("GET /status ");
        answer.ShouldEndWith("\r\n\r\n/announce?info_hash=%ff");
    }

    [Theory]
    [InlineData("cOntent-length: {0}", "")]
    [InlineData("Content-Length: 0\r\nContent-Length: {0}", "")]
    [InlineData("Content-Length: +{0}", "")]
    [InlineData("Content-Length:\r\nX: {0}", "")]
    [InlineData(" Content-Length: {0}", "")]
    [InlineData("Content-Length\u000b: {0}", "")]
    [InlineData("Content-Length\u0000: {0}", "")]
    [InlineData("Content-Length\r: {0}", "")]
    [InlineData("X: a\rContent-Length: {0}", "")]
    [InlineData("Transfer-Encoding\u000b: chunked", "24\r\n")]
    [InlineData("Transfer-Encoding: chunked", "24\r\n")]
    [InlineData("Content-Length: 0\r\ntransfer-encoding : chunked", "24\r\n")]
    public async Task An_announce_with_a_body_cannot_smuggle_a_request(string header, string before)
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var inner = "GET /announce?smuggled HTTP/1.1\r\n\r\n";
        var filled = string.Format(CultureInfo.InvariantCulture, header, inner.Length);
        var answer = await TestMachine.SendAndShutDownAsync(
            server.Local,
            $"GET /announce?1 HTTP/1.1\r\nHost: a\r\n{filled}\r\n\r\n{before}{inner}",
            machine.Stop
        );
        answer.ShouldBe(EchoFront.Reply("/announce?1"));
    }

    [Fact]
    public async Task An_announce_with_a_body_is_answered_before_the_body_has_come()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        using var client = await TestMachine.ConnectAsync(server.Local);
        var stream = client.GetStream();
        var head = "GET /announce?1 HTTP/1.1\r\nHost: a\r\nContent-Length: 400000\r\n\r\n";
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head), machine.Stop);
        var expected = EchoFront.Reply("/announce?1");
        (await TestMachine.ReadAsync(stream, expected.Length, machine.Stop)).ShouldBe(expected);
        // It can send all of it: the connection is not reset meanwhile.
        await stream.WriteAsync(new byte[400_000], machine.Stop);
        client.Client.Shutdown(SocketShutdown.Send);
        (await stream.ReadAsync(new byte[1], machine.Stop)).ShouldBe(0);
    }

    [Fact]
    public async Task A_body_of_no_bytes_keeps_the_connection()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var request = "GET /announce?1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n";
        var answer = await TestMachine.SendAndReadAsync(
            server.Local,
            machine.Stop,
            $"{request}\r\n{request}{LastHeader}"
        );
        answer.ShouldBe(EchoFront.Reply("/announce?1") + EchoFront.Reply("/announce?1"));
    }

    [Fact]
    public async Task A_front_that_throws_gives_a_500_without_its_partial_reply()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var answer = await TestMachine.SendAndReadAsync(
            server.Local,
            machine.Stop,
            "GET /announce?bug HTTP/1.1\r\nHost: a\r\n\r\n"
        );
        answer.ShouldStartWith("HTTP/1.1 500 Internal Server Error\r\n");
        answer.ShouldEndWith("\r\n\r\nThe server could not answer this\n");
        machine.Faults.ShouldHaveSingleItem().Message.ShouldBe("a bug");
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001 not http at all\r\n\r\n", 400, "This is not HTTP")]
    [InlineData("\u0016\u0003\u0001 no line either", 400, "This is not HTTP")]
    [InlineData("no http \u0001", 400, "This is not HTTP")]
    [InlineData("GET  /announce HTTP/1.1\r\n\r\n", 400, "This is not HTTP")]
    [InlineData("GET /x\r\n\r\n", 400, "This is not HTTP")]
    [InlineData("GET /a\u0001b HTTP/1.1\r\n\r\n", 400, "This is not HTTP")]
    [InlineData("GET /announce\n\n", 400, "Every line must end in CR LF")]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\nHost: b\r\n\r\n", 400, "Every line must end in CR LF")]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\r\n: \r\n\r\n", 400, "A header must be a name")]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400, "A header must be a name")]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400, "A header must be a name")]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\r\nX: \u0000\r\n\r\n", 400, "A header must be a name")]
    [InlineData("GET /x HTTP/1.1\r\n\r\n", 400, "A request must have exactly one Host")]
    [InlineData("get /announce HTTP/1.1\r\n\r\n", 400, "A request must have exactly one Host")]
    [InlineData("GET /x HTTP/1.0\r\nHost: a\r\nhost: a\r\n\r\n", 400, "A request must have exactly one Host")]
    [InlineData(
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        400,
        "Content-Length must be a single number"
    )]
    [InlineData(
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
        400,
        "Content-Length must be a single number"
    )]
    [InlineData(
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        400,
        "Content-Length must be a single number"
    )]
    [InlineData("GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", 400, "The path must not have a segment")]
    [InlineData("GET /x/..?a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "The path must not have a segment")]
    [InlineData(
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
        413,
        "The body is longer than the limit"
    )]
    [InlineData(
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        400,
        "A request must not have both"
    )]
    [InlineData(
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        501,
        "The only supported Transfer-Encoding is chunked"
    )]
    [InlineData(
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        400,
        "A chunk must begin with its length"
    )]
    [InlineData(
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n123456789",
        400,
        "A chunk must begin with its length"
    )]
    [InlineData("GET /x HTTP/9.9\r\n\r\n", 505, "This server supports HTTP/1.0")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "This server supports HTTP/1.0")]
    public async Task What_is_not_HTTP_is_rejected_at_once_with_the_reason(string bytes, int status, string why)
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var good = "GET /announce?1 HTTP/1.1\r\n\r\n";
        var answer = await TestMachine.SendAndShutDownAsync(server.Local, good + bytes, machine.Stop);
        answer.ShouldStartWith(EchoFront.Reply("/announce?1") + $"HTTP/1.1 {status} ");
        answer.ShouldContain($"\r\nConnection: close\r\n\r\n{why}");
        answer.ShouldEndWith("\n");
    }

    [Fact]
    public async Task Empty_lines_before_a_request_are_skipped()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var request = "\r\nGET /announce?1 HTTP/1.1\r\n";
        var answer = await TestMachine.SendAndReadAsync(
            server.Local,
            machine.Stop,
            "\r\n\r\n\r",
            $"\n{request}\r\n{request}{LastHeader}"
        );
        answer.ShouldBe(EchoFront.Reply("/announce?1") + EchoFront.Reply("/announce?1"));
    }

    [Fact]
    public async Task An_unknown_method_is_for_Kestrel()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var answer = await TestMachine.SendAndReadAsync(
            server.Local,
            machine.Stop,
            "m-get /status HTTP/1.1\r\nHost: a\r\n" + LastHeader
        );
        answer.ShouldEndWith("\r\n\r\nm-get /status ");
    }

    [Theory]
    [InlineData("GET /announce?", 414)]
    [InlineData("GET /announce HTTP/1.1\r\nX: ", 431)]
    public async Task A_head_without_end_is_rejected_at_the_limit(string begin, int status)
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var answer = await TestMachine.SendAndShutDownAsync(server.Local, begin.PadRight(16 * 1024, 'x'), machine.Stop);
        answer.ShouldStartWith($"HTTP/1.1 {status} ");
        answer.ShouldEndWith("\r\n\r\nThe request head is longer than the limit of 16,384 bytes\n");
    }

    [Fact]
    public async Task A_stopping_server_closes_idle_connections()
    {
        await using var machine = new TestMachine(portable: portable);
        var server = await ServeAsync(machine);
        using var client = await TestMachine.ConnectAsync(server.Local);
        await client.GetStream().WriteAsync("GET /announce?1 HTTP/1.1\r\n\r\n"u8.ToArray(), machine.Stop);
        var expected = EchoFront.Reply("/announce?1");
        (await TestMachine.ReadAsync(client.GetStream(), expected.Length, machine.Stop)).ShouldBe(expected);
        await server.DisposeAsync();
        (await TestMachine.ReadToEndAsync(client.GetStream(), machine.Stop)).ShouldBe("");
        await using var again = await machine.World.Network.ServeHttpAsync(Server(server.Local), machine.Stop);
    }

    private static async Task<IRunningServer> ServeAsync(TestMachine machine) =>
        await machine.World.Network.ServeHttpAsync(Server(TestMachine.AnyV4), machine.Stop);

    private static HttpServerOptions Server(Wire.Endpoint at) =>
        new()
        {
            At = at,
            Front = new EchoFront(),
            Handler = new Handler(call =>
                Handler.Text($"{call.Method} {call.Target} {Encoding.Latin1.GetString(call.Body.Span)}")
            ),
        };
}
