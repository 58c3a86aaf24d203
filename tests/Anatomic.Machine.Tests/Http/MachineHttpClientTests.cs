using System.IO.Compression;
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
    /// <summary>AmpleTime enough that no test fails by a timeout on a busy machine.</summary>
    private static readonly TimeSpan AmpleTime = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_and_its_response_arrive_complete(bool v6)
    {
        await using var machine = new TestMachine();
        InboundRequest? seen = null;
        await using var server = await TestHttpServer.StartAsync(
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
                Timeout = AmpleTime,
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
    public async Task Escaped_binary_values_are_sent_as_they_are_written()
    {
        await using var machine = new TestMachine();
        await using var server = await TestHttpServer.StartAsync(machine, call => Handler.Text(call.Target));
        // Every byte, with its digits in both cases.
        var query = string.Concat(Enumerable.Range(0, 256).Select(b => $"%{b:x2}%{b:X2}"));
        var received = await machine.World.Http.SendAsync(
            new OutboundRequest
            {
                Timeout = AmpleTime,
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

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("deflate")]
    [InlineData("deflate raw")]
    public async Task An_encoded_response_is_asked_for_and_decoded(string encoding)
    {
        await using var machine = new TestMachine();
        var content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("d8:intervali1800e", 100)));
        string? accepted = null;
        await using var server = await TestHttpServer.StartAsync(
            machine,
            call =>
            {
                accepted = call.Headers["accept-encoding"];
                return Encoded(encoding, content);
            }
        );
        var received = await SendAsync(machine, $"http://{server.Local}/", maxBytes: content.Length);
        received.Body.ToArray().ShouldBe(content);
        received.Headers.Keys.ShouldNotContain("content-encoding");
        accepted.ShouldBe("gzip, deflate");
    }

    [Theory]
    [InlineData("gzip", "sent more than the limit of 1,000,000 bytes")]
    [InlineData("br", "sent a response with the encoding br, which was not asked for")]
    [InlineData("gzip broken", "sent a response that is not valid gzip")]
    public async Task An_encoded_response_that_cannot_be_used_is_a_failure(string encoding, string message)
    {
        await using var machine = new TestMachine();
        await using var server = await TestHttpServer.StartAsync(
            machine,
            _ => Encoded(encoding, new byte[100_000_000])
        );
        var failure = await Should.ThrowAsync<NetworkException>(() =>
            SendAsync(machine, $"http://{server.Local}/", maxBytes: 1_000_000)
        );
        failure.Message.ShouldEndWith(message);
    }

    [Theory]
    [InlineData("user:pass%3Aword@", "user:pass:word")]
    [InlineData("j%C3%B6rg@", "jörg:")]
    [InlineData("", null)]
    public async Task The_user_and_password_of_a_URL_are_sent_as_basic_authentication(string user, string? expected)
    {
        await using var machine = new TestMachine();
        string? sent = null;
        await using var server = await TestHttpServer.StartAsync(
            machine,
            call =>
            {
                sent = call.Headers.GetValueOrDefault("authorization");
                return Handler.Text("fine");
            }
        );
        await SendAsync(machine, $"http://{user}{server.Local}/", maxBytes: 100);
        sent.ShouldBe(expected is null ? null : $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(expected))}");
    }

    [Fact]
    public async Task A_pinned_address_is_dialed_instead_of_the_name()
    {
        await using var machine = new TestMachine();
        await using var one = await TestHttpServer.StartAsync(
            machine,
            call => Handler.Text("one " + call.Headers["host"])
        );
        await using var two = await TestHttpServer.StartAsync(
            machine,
            call => Handler.Text("two " + call.Headers["host"])
        );
        foreach (var (at, name) in new[] { (one.Local, "one"), (two.Local, "two"), (one.Local, "one") })
        {
            var received = await machine.World.Http.SendAsync(
                new OutboundRequest
                {
                    Timeout = AmpleTime,
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
    public async Task A_name_is_resolved_and_its_addresses_are_tried_in_turn()
    {
        await using var machine = new TestMachine();
        await using var server = await TestHttpServer.StartAsync(machine, _ => Handler.Text("found"));
        // Where localhost is ::1 first, nothing listens on it.
        var received = await machine.World.Http.SendAsync(
            new OutboundRequest { Timeout = AmpleTime, Url = new Uri($"http://localhost:{server.Local.Port}/") },
            machine.Stop
        );
        received.From.ShouldBe(server.Local);
    }

    [Fact]
    public async Task A_redirect_is_returned_and_not_followed()
    {
        await using var machine = new TestMachine();
        await using var server = await TestHttpServer.StartAsync(
            machine,
            _ => new HttpResponse
            {
                Status = 302,
                Headers = new Dictionary<string, string> { ["location"] = "http://elsewhere.example/" },
            }
        );
        var received = await machine.World.Http.SendAsync(
            new OutboundRequest { Timeout = AmpleTime, Url = TestHttpServer.UrlOf(server) },
            machine.Stop
        );
        received.Response.Status.ShouldBe(302);
        received.Response.Headers["location"].ShouldBe("http://elsewhere.example/");
    }

    [Theory]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    public async Task A_response_is_read_up_to_its_limit(int length, bool tooLong)
    {
        await using var machine = new TestMachine();
        await using var server = await TestHttpServer.StartAsync(machine, _ => Handler.Text(new string('x', length)));
        var request = new OutboundRequest
        {
            Timeout = AmpleTime,
            Url = TestHttpServer.UrlOf(server),
            MaxResponseBytes = 1000,
        };
        if (tooLong)
        {
            var rejected = await Should.ThrowAsync<NetworkException>(async () =>
                await machine.World.Http.SendAsync(request, machine.Stop)
            );
            rejected.Message.ShouldContain("more than the limit of 1,000 bytes");
        }
        else
        {
            (await machine.World.Http.SendAsync(request, machine.Stop)).Response.Body.Length.ShouldBe(length);
        }
    }

    [Fact]
    public async Task The_limit_holds_for_a_response_of_unknown_length()
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
                    Timeout = AmpleTime,
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
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "before its response was complete")]
    [InlineData("SSH-2.0-OpenSSH\r\n", "not HTTP")]
    [InlineData("", "before its response was complete")]
    public async Task The_fault_of_an_invalid_response_is_reported(string reply, string message)
    {
        await using var machine = new TestMachine();
        await using var listener = machine.World.Network.Listen(TestMachine.AnyV4);
        var serving = AnswerRawAsync(listener, reply, machine);
        var broken = await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Http.SendAsync(
                new OutboundRequest { Timeout = AmpleTime, Url = new Uri($"http://{listener.Local}/") },
                machine.Stop
            )
        );
        broken.Message.ShouldContain(message);
        await listener.DisposeAsync();
        await serving;
    }

    [Fact]
    public async Task A_request_fails_when_its_timeout_passes()
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
                new OutboundRequest { Timeout = AmpleTime, Url = new Uri($"http://{listener.Local}/") },
                new CancellationToken(canceled: true)
            )
        );
    }

    [Fact]
    public async Task An_invalid_host_name_is_reported()
    {
        await using var machine = new TestMachine();
        var request = new OutboundRequest
        {
            Timeout = AmpleTime,
            Url = new Uri($"http://{new string('ä', 58)}.example/"),
        };
        var rejected = await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Http.SendAsync(request, machine.Stop)
        );
        rejected.Message.ShouldContain("is not a valid host name");
    }

    [Fact]
    public async Task A_refused_connection_is_reported()
    {
        await using var machine = new TestMachine();
        var listener = machine.World.Network.Listen(TestMachine.AnyV4);
        await listener.DisposeAsync();
        var rejected = await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Http.SendAsync(
                new OutboundRequest { Timeout = AmpleTime, Url = new Uri($"http://{listener.Local}/") },
                machine.Stop
            )
        );
        rejected.Message.ShouldContain("refused the connection");
        await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Http.SendAsync(
                new OutboundRequest { Timeout = AmpleTime, Url = new Uri("ftp://localhost/") },
                machine.Stop
            )
        );
    }

    [Fact]
    public async Task An_untrusted_certificate_is_rejected()
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
        var serving = HandshakeAsync();
        var rejected = await Should.ThrowAsync<NetworkException>(async () =>
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
        rejected.Message.ShouldStartWith($"localhost:{at.Port} did not present a certificate that this machine trusts");
        (await serving).ShouldBe("localhost");

        async Task<string> HandshakeAsync()
        {
            using var client = await listener.AcceptTcpClientAsync(machine.Stop);
            await using var tls = new SslStream(client.GetStream());
            try
            {
                await tls.AuthenticateAsServerAsync(certificate);
                await tls.ReadExactlyAsync(new byte[1], machine.Stop);
            }
            catch (Exception ended) when (ended is IOException or AuthenticationException)
            {
                // The client has rejected the certificate.
            }
            return tls.TargetHostName;
        }
    }

    /// <summary>Sends the same bytes on every connection until the listener is closed.</summary>
    private static async Task<HttpResponse> SendAsync(TestMachine machine, string url, int maxBytes)
    {
        var request = new OutboundRequest
        {
            Timeout = AmpleTime,
            Url = new Uri(url),
            MaxResponseBytes = maxBytes,
        };
        return (await machine.World.Http.SendAsync(request, machine.Stop)).Response;
    }

    private static HttpResponse Encoded(string encoding, byte[] content)
    {
        using var encoded = new MemoryStream();
        using (
            Stream encoder = encoding switch
            {
                "deflate" => new ZLibStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
                "deflate raw" => new DeflateStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
                _ => new GZipStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
            }
        )
        {
            encoder.Write(content);
        }
        var body = encoded.ToArray();
        return new HttpResponse
        {
            Status = 200,
            Headers = new Dictionary<string, string> { ["content-encoding"] = encoding.Split(' ')[0] },
            Body = encoding.EndsWith("broken", StringComparison.Ordinal) ? body[20..] : body,
        };
    }

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
