using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests.Operations;

/// <summary>Running nodes behind proxies and with TLS.</summary>
public sealed class ProxyAndTlsTests : IDisposable
{
    private static readonly string Announce =
        $"announce?info_hash={string.Concat(Enumerable.Repeat("%01", 20))}"
        + $"&peer_id={string.Concat(Enumerable.Repeat("%02", 20))}&port=51413&left=1&compact=1";

    private readonly CliRunner node = new();
    private readonly CancellationTokenSource stopping = new();

    public void Dispose()
    {
        stopping.Dispose();
        node.Dispose();
    }

    [Fact]
    public async Task A_proxy_on_a_unix_socket_names_the_client()
    {
        var path = Path.Combine(node.Folder, "node.sock");
        var running = RunAsync("--unix", path);
        (await node.Output.WaitForLineAsync("listening unix:")).ShouldBe($"listening unix:{path}");
        using var proxy = OverUnix(path);

        var announced = await AnnounceAsync(proxy, "http://node/", forwardedFor: "198.51.100.1, 203.0.113.5");
        announced.ShouldContain("11:external ip4:" + Encoding.Latin1.GetString([203, 0, 113, 5]));
        (await AnnounceAsync(proxy, "http://node/", forwardedFor: null)).ShouldContain("address in X-Forwarded-For");
        (await proxy.GetStringAsync(new Uri("http://node/readyz"))).ShouldBe("ready\n");

        await stopping.CancelAsync();
        (await running).ShouldBe(ExitStatus.Success);
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_configured_proxy_names_the_client_in_its_header()
    {
        var running = RunAsync("--proxy-protocol", "127.0.0.1", "--proxy-protocol", "10.0.0.0/8");
        var url = await AddressAsync();
        using var proxy = new TcpClient();
        await proxy.ConnectAsync(IPAddress.Loopback, url.Port);
        var request = $"PROXY TCP4 203.0.113.5 127.0.0.1 40001 80\r\nGET /{Announce} HTTP/1.0\r\n\r\n";
        await proxy.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reply = new StreamReader(proxy.GetStream(), Encoding.Latin1);
        (await reply.ReadToEndAsync()).ShouldContain("11:external ip4:" + Encoding.Latin1.GetString([203, 0, 113, 5]));
        await stopping.CancelAsync();
        (await running).ShouldBe(ExitStatus.Success);
    }

    [Fact]
    public async Task With_a_certificate_https_and_http_share_the_port()
    {
        var thumbprint = WriteCertificate();
        var running = RunAsync("--tls-cert", "cert.pem", "--tls-key", "key.pem");
        var url = await AddressAsync();
        using var client = Trusting(thumbprint);
        (await AnnounceAsync(client, $"https://127.0.0.1:{url.Port}/", forwardedFor: null)).ShouldContain("8:interval");
        (await AnnounceAsync(client, $"http://127.0.0.1:{url.Port}/", forwardedFor: null)).ShouldContain("8:interval");
        (await client.GetStringAsync(new Uri($"https://127.0.0.1:{url.Port}/healthz"))).ShouldBe("ok\n");
        await stopping.CancelAsync();
        (await running).ShouldBe(ExitStatus.Success);
    }

    [Fact]
    public async Task An_invalid_certificate_or_proxy_prevents_the_start()
    {
        (await node.FailAsync("node", "--tls-key", "key.pem")).ShouldBe(
            (ExitStatus.UsageError, "anatomic: --tls-key key.pem needs a certificate: add --tls-cert")
        );
        node.Write("cert.pem", "not a certificate"u8.ToArray());
        (await node.FailAsync("node", "--tls-cert", "cert.pem")).Line.ShouldStartWith("anatomic: --tls-cert: ");
        (await node.FailAsync("node", "--tls-cert", "nothing.pem")).Line.ShouldContain("nothing.pem");
        (await node.FailAsync("node", "--proxy-protocol", "haproxy")).ShouldBe(
            (
                ExitStatus.UsageError,
                "anatomic: --proxy-protocol haproxy is not an address: "
                    + "use for example --proxy-protocol 127.0.0.1 or --proxy-protocol 10.0.0.0/8"
            )
        );
    }

    private Task<int> RunAsync(params string[] flags) =>
        node.RunAsync(
            stopping.Token,
            ["node", "--listen", "127.0.0.1:0", "--open", "--net", "local-fronts", "--log", "off", .. flags]
        );

    private async Task<Uri> AddressAsync() =>
        new((await node.Output.WaitForLineAsync("listening http"))["listening ".Length..]);

    private static async Task<string> AnnounceAsync(HttpClient client, string at, string? forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, at + Announce);
        if (forwardedFor is not null)
        {
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        }
        using var reply = await client.SendAsync(request);
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
