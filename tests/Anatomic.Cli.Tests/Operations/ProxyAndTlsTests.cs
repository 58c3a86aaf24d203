using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests.Operations;

/// <summary>Nodes behind proxies and with https, as they are run.</summary>
public sealed class ProxyAndTlsTests : IDisposable
{
    private static readonly string Announce =
        $"announce?info_hash={string.Concat(Enumerable.Repeat("%01", 20))}"
        + $"&peer_id={string.Concat(Enumerable.Repeat("%02", 20))}&port=51413&left=1&compact=1";

    private readonly CliRunner node = new();
    private readonly CancellationTokenSource end = new();

    public void Dispose()
    {
        end.Dispose();
        node.Dispose();
    }

    [Fact]
    public async Task A_proxy_at_a_unix_socket_says_who_asks()
    {
        var path = Path.Combine(node.Folder, "node.sock");
        var running = RunAsync("--unix", path);
        (await node.Output.LineWithAsync("listening unix:")).ShouldBe($"listening unix:{path}");
        using var proxy = OverUnix(path);

        var told = await AskAsync(proxy, "http://node/", forwardedFor: "198.51.100.1, 203.0.113.5");
        told.ShouldContain("11:external ip4:" + Encoding.Latin1.GetString([203, 0, 113, 5]));
        (await AskAsync(proxy, "http://node/", forwardedFor: null)).ShouldContain("has to send X-Forwarded-For");
        (await proxy.GetStringAsync(new Uri("http://node/readyz"))).ShouldBe("ready\n");

        await end.CancelAsync();
        (await running).ShouldBe(ExitStatus.Success);
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_proxy_that_is_named_says_who_asks_in_its_header()
    {
        var running = RunAsync("--proxy-protocol", "127.0.0.1", "--proxy-protocol", "10.0.0.0/8");
        var url = await AddressAsync();
        using var proxy = new TcpClient();
        await proxy.ConnectAsync(IPAddress.Loopback, url.Port);
        var request = $"PROXY TCP4 203.0.113.5 127.0.0.1 40001 80\r\nGET /{Announce} HTTP/1.0\r\n\r\n";
        await proxy.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reply = new StreamReader(proxy.GetStream(), Encoding.Latin1);
        (await reply.ReadToEndAsync()).ShouldContain("11:external ip4:" + Encoding.Latin1.GetString([203, 0, 113, 5]));
        await end.CancelAsync();
        (await running).ShouldBe(ExitStatus.Success);
    }

    [Fact]
    public async Task With_a_certificate_https_and_http_are_spoken_at_the_same_port()
    {
        var thumbprint = WriteCertificate();
        var running = RunAsync("--tls-cert", "cert.pem", "--tls-key", "key.pem");
        var url = await AddressAsync();
        using var client = Trusting(thumbprint);
        (await AskAsync(client, $"https://127.0.0.1:{url.Port}/", forwardedFor: null)).ShouldContain("8:interval");
        (await AskAsync(client, $"http://127.0.0.1:{url.Port}/", forwardedFor: null)).ShouldContain("8:interval");
        (await client.GetStringAsync(new Uri($"https://127.0.0.1:{url.Port}/healthz"))).ShouldBe("ok\n");
        await end.CancelAsync();
        (await running).ShouldBe(ExitStatus.Success);
    }

    [Fact]
    public async Task A_certificate_or_a_proxy_that_makes_no_sense_keeps_a_node_from_starting()
    {
        (await node.FailAsync("node", "--tls-key", "key.pem")).ShouldBe(
            (ExitStatus.UsageError, "anatomic: --tls-key key.pem needs its certificate: name it with --tls-cert")
        );
        node.Write("cert.pem", "not a certificate"u8.ToArray());
        (await node.FailAsync("node", "--tls-cert", "cert.pem")).Line.ShouldStartWith("anatomic: --tls-cert: ");
        (await node.FailAsync("node", "--tls-cert", "nothing.pem")).Line.ShouldContain("nothing.pem");
        (await node.FailAsync("node", "--proxy-protocol", "haproxy")).ShouldBe(
            (
                ExitStatus.UsageError,
                "anatomic: --proxy-protocol haproxy is no address: write it as in --proxy-protocol 127.0.0.1 or --proxy-protocol 10.0.0.0/8"
            )
        );
    }

    private Task<int> RunAsync(params string[] flags) =>
        node.RunAsync(
            end.Token,
            ["node", "--listen", "127.0.0.1:0", "--open", "--net", "local-fronts", "--log", "off", .. flags]
        );

    private async Task<Uri> AddressAsync() =>
        new((await node.Output.LineWithAsync("listening http"))["listening ".Length..]);

    private static async Task<string> AskAsync(HttpClient client, string at, string? forwardedFor)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, at + Announce);
        if (forwardedFor is not null)
        {
            ask.Headers.Add("X-Forwarded-For", forwardedFor);
        }
        using var reply = await client.SendAsync(ask);
        return Encoding.Latin1.GetString(await reply.Content.ReadAsByteArrayAsync());
    }

    private static HttpClient OverUnix(string path) =>
        new(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, stop) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }
        );

    private static HttpClient Trusting(string thumbprint) =>
        new(
            new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == thumbprint,
                },
            }
        );

    private string WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node.example", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(
            new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero)
        );
        node.Write("cert.pem", Encoding.ASCII.GetBytes(made.ExportCertificatePem()));
        node.Write("key.pem", Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        return made.Thumbprint;
    }
}
