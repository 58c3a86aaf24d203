using System.Text;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Http;

public class HttpServerTests
{
    /// <summary>Long enough that no test fails by a timeout on a busy machine.</summary>
    private static readonly TimeSpan AmpleTime = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_body_over_the_limit_is_rejected_with_413_before_the_handler_runs()
    {
        await using var machine = new TestMachine();
        var calls = 0;
        await using var server = await TestHttpServer.StartAsync(
            machine,
            call =>
            {
                calls++;
                return Handler.Text($"{call.Body.Length}");
            }
        );
        var accepted = await machine.World.Http.SendAsync(
            new OutboundRequest
            {
                Timeout = AmpleTime,
                Url = TestHttpServer.UrlOf(server),
                Method = "POST",
                Body = new byte[1000],
            },
            machine.Stop
        );
        Encoding.Latin1.GetString(accepted.Response.Body.Span).ShouldBe("1000");
        var known = await TestMachine.SendAndReadAsync(
            server.Local,
            machine.Stop,
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n"
        );
        known.ShouldStartWith("HTTP/1.1 413 ");
        known.ShouldContain("longer than the limit of 1,000 bytes");
        var unknown = await TestMachine.SendAndReadAsync(
            server.Local,
            machine.Stop,
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n"
                + new string('x', 1001)
                + "\r\n0\r\n\r\n"
        );
        unknown.ShouldStartWith("HTTP/1.1 413 ");
        calls.ShouldBe(1);
    }

    [Fact]
    public async Task A_handler_that_throws_gives_a_500_without_details()
    {
        await using var machine = new TestMachine();
        await using var server = await TestHttpServer.StartAsync(
            machine,
            _ => throw new InvalidDataException("details")
        );
        var received = await machine.World.Http.SendAsync(
            new OutboundRequest { Timeout = AmpleTime, Url = TestHttpServer.UrlOf(server) },
            machine.Stop
        );
        received.Response.Status.ShouldBe(500);
        Encoding.Latin1.GetString(received.Response.Body.Span).ShouldBe("The server could not answer this\n");
        machine.Faults.ShouldHaveSingleItem().Message.ShouldBe("details");
    }

    [Theory]
    [InlineData("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "Content-Length: 5\r\n", "\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "Content-Length: 5\r\n", "\r\n\r\nGET /")]
    [InlineData(
        "GET http://a.example?q HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n",
        "200 OK",
        "\r\n\r\nGET /?q"
    )]
    public async Task Unusual_forms_of_requests_are_answered(string request, string contains, string end)
    {
        await using var machine = new TestMachine();
        await using var server = await TestHttpServer.StartAsync(
            machine,
            call => Handler.Text(call.Method == "HEAD" ? "12345" : $"{call.Method} {call.Target}")
        );
        var answer = await TestMachine.SendAndReadAsync(server.Local, machine.Stop, request);
        answer.ShouldContain(contains);
        answer.ShouldEndWith(end);
        answer.ShouldNotContain("Server:");
    }
}
