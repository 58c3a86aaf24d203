using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Http;

public class MachineHttpClientTests
{
    /// <summary>What is not about deadlines must not fail by one on a machine that is busy otherwise.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_and_its_reply_travel_whole(bool v6)
    {
        await using var machine = new TestMachine();
        InboundRequest? seen = null;
        await using var server = await ServeAsync(
            machine,
            call =>
            {
                seen = call;
                return new HttpResponse
                {
                    Status = 404,
                    Headers = new Dictionary<string, string> { ["x-some"] = "value", ["content-type"] = "a/b" },
                    Body = "body"u8.ToArray(),
                };
            },
            v6 ? TestMachine.AnyV6 : TestMachine.AnyV4
        );
        var received = await machine.World.Http.SendAsync(
            new OutboundRequest
            {
                Timeout = Patience,
                Method = "POST",
                Url = new Uri($"http://{server.Local}/some/path?a=b"),
                Headers = new Dictionary<string, string> { ["content-type"] = "c/d", ["x-mine"] = "1" },
                Body = "question"u8.ToArray(),
            },
            machine.Stop
        );
        received.From.ShouldBe(server.Local);
        received.Response.Status.ShouldBe(404);
        received.Response.Headers["x-some"].ShouldBe("value");
        received.Response.Headers["content-type"].ShouldBe("a/b");
        received.Response.Body.ToArray().ShouldBe("body"u8.ToArray());
        var call = seen.ShouldNotBeNull();
        call.Method.ShouldBe("POST");
        call.Target.ShouldBe("/some/path?a=b");
        call.Headers["content-type"].ShouldBe("c/d");
        call.Headers["x-mine"].ShouldBe("1");
        call.Headers["host"].ShouldBe(server.Local.ToString());
        call.Headers.Keys.ShouldNotContain("traceparent");
        call.Body.ToArray().ShouldBe("question"u8.ToArray());
        call.From.IsV4.ShouldBe(!v6);
    }

    [Fact]
    public async Task Escaped_binary_values_go_out_as_they_were_written()
    {
        await using var machine = new TestMachine();
        await using var server = await ServeAsync(machine, call => Handler.Text(call.Target));
        // Every byte, in both spellings of its digits.
        var query = string.Concat(Enumerable.Range(0, 256).Select(b => $"%{b:x2}%{b:X2}"));
        var received = await machine.World.Http.SendAsync(
            new OutboundRequest
            {
                Timeout = Patience,
                Url = new Uri($"http://{server.Local}/announce?info_hash={query}&x=1"),
            },
            machine.Stop
        );
        var target = Encoding.Latin1.GetString(received.Response.Body.Span);
        Decode(target).ShouldBe(Decode($"/announce?info_hash={query}&x=1"));
        target.ShouldContain("%12%ab".Replace("%12%ab", "%ab%AB", StringComparison.Ordinal));

        static byte[] Decode(string text) =>
            System.Net.WebUtility.UrlDecodeToBytes(Encoding.Latin1.GetBytes(text), 0, text.Length)!;
    }

    [Fact]
    public async Task A_pinned_address_is_dialled_in_place_of_the_name()
    {
        await using var machine = new TestMachine();
        await using var one = await ServeAsync(machine, call => Handler.Text("one " + call.Headers["host"]));
        await using var two = await ServeAsync(machine, call => Handler.Text("two " + call.Headers["host"]));
        foreach (var (at, name) in new[] { (one.Local, "one"), (two.Local, "two"), (one.Local, "one") })
        {
            var received = await machine.World.Http.SendAsync(
                new OutboundRequest
                {
                    Timeout = Patience,
                    Url = new Uri("http://tracker.example:6969/x"),
                    DialAddress = at,
                },
                machine.Stop
            );
            Encoding.Latin1.GetString(received.Response.Body.Span).ShouldBe($"{name} tracker.example:6969");
            received.From.ShouldBe(at);
        }
    }

    [Fact]
    public async Task A_name_is_resolved_and_its_addresses_tried_in_turn()
    {
        await using var machine = new TestMachine();
        await using var server = await ServeAsync(machine, _ => Handler.Text("found"));
        // Where localhost is ::1 first, nothing listens there.
        var received = await machine.World.Http.SendAsync(
            new OutboundRequest { Timeout = Patience, Url = new Uri($"http://localhost:{server.Local.Port}/") },
            machine.Stop
        );
        received.From.ShouldBe(server.Local);
    }

    [Fact]
    public async Task A_redirect_is_handed_back_and_not_followed()
    {
        await using var machine = new TestMachine();
        await using var server = await ServeAsync(
            machine,
            _ => new HttpResponse
            {
                Status = 302,
                Headers = new Dictionary<string, string> { ["location"] = "http://elsewhere.example/" },
            }
        );
        var received = await machine.World.Http.SendAsync(
            new OutboundRequest { Timeout = Patience, Url = Url(server) },
            machine.Stop
        );
        received.Response.Status.ShouldBe(302);
        received.Response.Headers["location"].ShouldBe("http://elsewhere.example/");
    }

    [Theory]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    public async Task A_reply_is_taken_up_to_its_bound(int length, bool tooLong)
    {
        await using var machine = new TestMachine();
        await using var server = await ServeAsync(machine, _ => Handler.Text(new string('x', length)));
        var ask = new OutboundRequest
        {
            Timeout = Patience,
            Url = Url(server),
            MaxResponseBytes = 1000,
        };
        if (tooLong)
        {
            var refused = await Should.ThrowAsync<NetworkException>(async () =>
                await machine.World.Http.SendAsync(ask, machine.Stop)
            );
            refused.Message.ShouldContain("more than the 1,000 bytes");
        }
        else
        {
            (await machine.World.Http.SendAsync(ask, machine.Stop)).Response.Body.Length.ShouldBe(length);
        }
    }

    [Fact]
    public async Task A_reply_of_unknown_length_is_bounded_too()
    {
        await using var machine = new TestMachine();
        await using var listener = machine.World.Network.Listen(TestMachine.AnyV4);
        var serving = AnswerRawAsync(
            listener,
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + new string('x', 5000),
            machine
        );
        await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Http.SendAsync(
                new OutboundRequest
                {
                    Timeout = Patience,
                    Url = new Uri($"http://{listener.Local}/"),
                    MaxResponseBytes = 4999,
                },
                machine.Stop
            )
        );
        await listener.DisposeAsync();
        await serving;
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "broke the connection off")]
    [InlineData("SSH-2.0-OpenSSH\r\n", "not HTTP")]
    [InlineData("", "broke the connection off")]
    public async Task A_broken_reply_says_what_is_wrong(string reply, string message)
    {
        await using var machine = new TestMachine();
        await using var listener = machine.World.Network.Listen(TestMachine.AnyV4);
        var serving = AnswerRawAsync(listener, reply, machine);
        var broken = await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Http.SendAsync(
                new OutboundRequest { Timeout = Patience, Url = new Uri($"http://{listener.Local}/") },
                machine.Stop
            )
        );
        broken.Message.ShouldContain(message);
        await listener.DisposeAsync();
        await serving;
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_at_the_deadline()
    {
        await using var machine = new TestMachine();
        await using var listener = machine.World.Network.Listen(TestMachine.AnyV4);
        var late = await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Http.SendAsync(
                new OutboundRequest
                {
                    Url = new Uri($"http://{listener.Local}/"),
                    Timeout = TimeSpan.FromMilliseconds(100),
                },
                machine.Stop
            )
        );
        late.Message.ShouldBe($"{listener.Local} did not answer within 0.1 s");
        await Should.ThrowAsync<OperationCanceledException>(async () =>
            await machine.World.Http.SendAsync(
                new OutboundRequest { Timeout = Patience, Url = new Uri($"http://{listener.Local}/") },
                new CancellationToken(canceled: true)
            )
        );
    }

    [Fact]
    public async Task A_host_that_is_no_name_says_so()
    {
        await using var machine = new TestMachine();
        var ask = new OutboundRequest { Timeout = Patience, Url = new Uri($"http://{new string('ä', 58)}.example/") };
        var refused = await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Http.SendAsync(ask, machine.Stop)
        );
        refused.Message.ShouldContain("no name of a host");
    }

    [Fact]
    public async Task A_server_that_is_not_there_says_so()
    {
        await using var machine = new TestMachine();
        var listener = machine.World.Network.Listen(TestMachine.AnyV4);
        await listener.DisposeAsync();
        var refused = await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Http.SendAsync(
                new OutboundRequest { Timeout = Patience, Url = new Uri($"http://{listener.Local}/") },
                machine.Stop
            )
        );
        refused.Message.ShouldContain("refused the connection");
        await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Http.SendAsync(
                new OutboundRequest { Timeout = Patience, Url = new Uri("ftp://localhost/") },
                machine.Stop
            )
        );
    }

    [Fact]
    public async Task A_body_over_the_bound_is_413_before_the_handler_sees_it()
    {
        await using var machine = new TestMachine();
        var calls = 0;
        await using var server = await ServeAsync(
            machine,
            call =>
            {
                calls++;
                return Handler.Text($"{call.Body.Length}");
            }
        );
        var fits = await machine.World.Http.SendAsync(
            new OutboundRequest
            {
                Timeout = Patience,
                Url = Url(server),
                Method = "POST",
                Body = new byte[1000],
            },
            machine.Stop
        );
        Encoding.Latin1.GetString(fits.Response.Body.Span).ShouldBe("1000");
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
    public async Task A_handler_that_breaks_gives_a_500_that_says_nothing_of_the_inside()
    {
        await using var machine = new TestMachine();
        await using var server = await ServeAsync(machine, _ => throw new InvalidDataException("the inside"));
        var received = await machine.World.Http.SendAsync(
            new OutboundRequest { Timeout = Patience, Url = Url(server) },
            machine.Stop
        );
        received.Response.Status.ShouldBe(500);
        Encoding.Latin1.GetString(received.Response.Body.Span).ShouldBe("The server could not answer this\n");
        machine.Faults.ShouldHaveSingleItem().Message.ShouldBe("the inside");
    }

    [Theory]
    [InlineData("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "Content-Length: 5\r\n", "\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "Content-Length: 5\r\n", "\r\n\r\nGET /")]
    [InlineData(
        "GET http://a.example?q HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n",
        "200 OK",
        "\r\n\r\nGET /?q"
    )]
    public async Task The_odd_forms_of_requests_are_answered(string request, string contains, string end)
    {
        await using var machine = new TestMachine();
        await using var server = await ServeAsync(
            machine,
            call => Handler.Text(call.Method == "HEAD" ? "12345" : $"{call.Method} {call.Target}")
        );
        var answer = await TestMachine.SendAndReadAsync(server.Local, machine.Stop, request);
        answer.ShouldContain(contains);
        answer.ShouldEndWith(end);
        answer.ShouldNotContain("Server:");
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        await using var machine = new TestMachine();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1)
        );
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var at = Endpoint.From((IPEndPoint)listener.LocalEndpoint);
        var serving = GreetAsync();
        var refused = await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Http.SendAsync(
                new OutboundRequest
                {
                    Url = new Uri($"https://localhost:{at.Port}/"),
                    DialAddress = at,
                    Timeout = TimeSpan.FromSeconds(20),
                },
                machine.Stop
            )
        );
        refused.Message.ShouldStartWith($"localhost:{at.Port} could not show a certificate that this machine trusts");
        (await serving).ShouldBe("localhost");

        async Task<string> GreetAsync()
        {
            using var client = await listener.AcceptTcpClientAsync(machine.Stop);
            await using var tls = new SslStream(client.GetStream());
            try
            {
                await tls.AuthenticateAsServerAsync(certificate);
                await tls.ReadExactlyAsync(new byte[1], machine.Stop);
            }
            catch (Exception gone) when (gone is IOException or AuthenticationException)
            {
                // The client has refused.
            }
            return tls.TargetHostName;
        }
    }

    private static Uri Url(IRunningServer server) => new($"http://{server.Local}/");

    private static async Task<IRunningServer> ServeAsync(
        TestMachine machine,
        Func<InboundRequest, HttpResponse> answer,
        Endpoint? at = null
    ) =>
        await machine.World.Network.ServeHttpAsync(
            new HttpServerOptions
            {
                At = at ?? TestMachine.AnyV4,
                Handler = new Handler(answer),
                MaxBodyBytes = 1000,
            },
            machine.Stop
        );

    /// <summary>Answers every connection with the same bytes, until the listener is closed.</summary>
    private static async Task AnswerRawAsync(IListener listener, string reply, TestMachine machine)
    {
        try
        {
            while (true)
            {
                await using var connection = await listener.AcceptAsync(machine.Stop);
                await connection.ReceiveAsync(new byte[4096], machine.Stop);
                await connection.SendAsync(Encoding.Latin1.GetBytes(reply), machine.Stop);
            }
        }
        catch (NetworkException)
        {
            // The test is done.
        }
    }
}
