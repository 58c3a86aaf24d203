using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Tests.Tls;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Http;

/// <summary>PROXY headers, unix sockets and TLS, with the native loops where the system has them.</summary>
public class ConnectionTests() : ConnectionTestsBase(portable: false);

/// <summary>The same in Kestrel's pipeline, as on every system.</summary>
public class PortableConnectionTests() : ConnectionTestsBase(portable: true);

public abstract class ConnectionTestsBase(bool portable)
{
    private const string Announce = "GET /announce?address HTTP/1.1\r\nConnection: close\r\n\r\n";
    private const string OtherRequest = "GET /address HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    private static readonly ProxyProtocolSources Loopback = new() { Networks = [IPNetwork.Parse("127.0.0.0/8")] };

    [Fact]
    public async Task A_trusted_proxy_names_its_clients()
    {
        await using var machine = new TestMachine(portable: portable, proxies: Loopback);
        await using var server = await ServeAsync(machine);
        const string Header = "PROXY TCP4 192.0.2.7 127.0.0.1 40001 6969\r\n";
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Header + Announce)).ShouldEndWith(
            "\r\n\r\n192.0.2.7:40001"
        );
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Header + OtherRequest)).ShouldEndWith(
            "\r\n\r\n192.0.2.7:40001"
        );
    }

    [Fact]
    public async Task A_PROXY_header_can_arrive_in_pieces()
    {
        await using var machine = new TestMachine(portable: portable, proxies: Loopback);
        await using var server = await ServeAsync(machine);
        var pieces = ("PROXY TCP6 2001:db8::7 ::1 1 2\r\n" + Announce).Select(c => c.ToString()).ToArray();
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, pieces)).ShouldEndWith(
            "\r\n\r\n[2001:db8::7]:1"
        );
    }

    [Fact]
    public async Task A_binary_PROXY_header_is_read()
    {
        await using var machine = new TestMachine(portable: portable, proxies: Loopback);
        await using var server = await ServeAsync(machine);
        byte[] header =
        [
            .. "\r\n\r\n\0\r\nQUIT\n"u8,
            0x21,
            0x11,
            0,
            12,
            .. (byte[])[192, 0, 2, 9, 127, 0, 0, 1, 0, 80, 0, 81],
        ];
        (
            await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Encoding.Latin1.GetString(header) + Announce)
        ).ShouldEndWith("\r\n\r\n192.0.2.9:80");
    }

    [Fact]
    public async Task A_trusted_proxy_without_its_header_gets_no_reply()
    {
        await using var machine = new TestMachine(portable: portable, proxies: Loopback);
        await using var server = await ServeAsync(machine);
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Announce)).ShouldBe("");
    }

    [Fact]
    public async Task An_untrusted_client_cannot_name_another_address()
    {
        await using var machine = new TestMachine(
            portable: portable,
            proxies: new ProxyProtocolSources { Networks = [IPNetwork.Parse("10.0.0.0/8")] }
        );
        await using var server = await ServeAsync(machine);
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Announce)).ShouldContain("\r\n\r\n127.0.0.1:");
        (
            await TestMachine.SendAndReadAsync(
                server.Local,
                machine.Stop,
                "PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\n" + Announce
            )
        ).ShouldStartWith("HTTP/1.1 400 ");
    }

    [Fact]
    public async Task A_unix_socket_serves_the_front_and_the_handler()
    {
        await using var machine = new TestMachine(portable: portable);
        var path = machine.At("a.sock");
        await using (await ServeAsync(machine, path))
        {
            (await SendOverUnixSocketAsync(path, machine, Announce)).ShouldEndWith("\r\n\r\nunix");
            (await SendOverUnixSocketAsync(path, machine, OtherRequest)).ShouldEndWith("\r\n\r\nunix");
        }
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_trusted_proxy_at_a_unix_socket_names_its_clients()
    {
        await using var machine = new TestMachine(
            portable: portable,
            proxies: new ProxyProtocolSources { UnixSockets = true }
        );
        var path = machine.At("a.sock");
        await using var server = await ServeAsync(machine, path);
        const string Header = "PROXY TCP4 192.0.2.7 127.0.0.1 40001 6969\r\n";
        (await SendOverUnixSocketAsync(path, machine, Header + Announce)).ShouldEndWith("\r\n\r\n192.0.2.7:40001");
        (await SendOverUnixSocketAsync(path, machine, Header + OtherRequest)).ShouldEndWith("\r\n\r\n192.0.2.7:40001");
        (await SendOverUnixSocketAsync(path, machine, Announce)).ShouldBe("");
    }

    [Fact]
    public async Task A_unix_socket_of_a_dead_program_is_replaced_and_one_in_use_is_not()
    {
        await using var machine = new TestMachine(portable: portable);
        var path = machine.At("a.sock");
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Under another name, as .NET would delete it when the socket is closed.
            left.Bind(new UnixDomainSocketEndPoint(path + ".other"));
            File.Move(path + ".other", path);
        }
        File.Exists(path).ShouldBeTrue();
        await using var server = await ServeAsync(machine, path);
        var rejected = await Should.ThrowAsync<NetworkException>(() => ServeAsync(machine, path));
        rejected.Message.ShouldContain("is in use by another program");
        (await SendOverUnixSocketAsync(path, machine, Announce)).ShouldEndWith("\r\n\r\nunix");
    }

    [Fact]
    public async Task A_file_that_is_not_a_socket_is_not_touched()
    {
        await using var machine = new TestMachine(portable: portable);
        var path = machine.At("notes.txt");
        await File.WriteAllTextAsync(path, "notes", machine.Stop);
        await Should.ThrowAsync<NetworkException>(() => ServeAsync(machine, path));
        (await File.ReadAllTextAsync(path, machine.Stop)).ShouldBe("notes");
    }

    [Fact]
    public async Task TLS_and_plain_HTTP_are_served_at_the_same_port()
    {
        using var files = new CertificateFixture();
        using var certificate = files.Load();
        await using var machine = new TestMachine(portable: portable, certificate: certificate);
        await using var server = await ServeAsync(machine);
        (await SendOverTlsAsync(server, machine, Announce, files)).ShouldContain("\r\n\r\n127.0.0.1:");
        (await SendOverTlsAsync(server, machine, OtherRequest, files)).ShouldContain("127.0.0.1:");
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Announce)).ShouldContain("\r\n\r\n127.0.0.1:");
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, OtherRequest)).ShouldContain("127.0.0.1:");
    }

    [Fact]
    public async Task A_TLS_connection_stays_open_between_announces()
    {
        using var files = new CertificateFixture();
        using var certificate = files.Load();
        await using var machine = new TestMachine(portable: portable, certificate: certificate);
        await using var server = await ServeAsync(machine);
        var twice = "GET /announce?1 HTTP/1.1\r\n\r\n" + Announce;
        var answer = await SendOverTlsAsync(server, machine, twice, files);
        answer.Split("HTTP/1.1 200 OK").Length.ShouldBe(3);
    }

    [Fact]
    public async Task A_PROXY_header_comes_before_TLS()
    {
        using var files = new CertificateFixture();
        using var certificate = files.Load();
        await using var machine = new TestMachine(portable: portable, proxies: Loopback, certificate: certificate);
        await using var server = await ServeAsync(machine);
        const string Header = "PROXY TCP4 192.0.2.7 127.0.0.1 40001 6969\r\n";
        (await SendOverTlsAsync(server, machine, Announce, files, Header)).ShouldEndWith("\r\n\r\n192.0.2.7:40001");
    }

    [Fact]
    public async Task A_valid_new_certificate_is_used_and_an_invalid_one_is_not()
    {
        using var files = new CertificateFixture();
        using var certificate = files.Load();
        await using var machine = new TestMachine(portable: portable, certificate: certificate);
        await using var server = await ServeAsync(machine);
        var first = files.Thumbprint;
        await SendOverTlsAsync(server, machine, Announce, files);
        files.ShownThumbprint.ShouldBe(first);

        files.Write("second.example");
        certificate.Reload();
        await SendOverTlsAsync(server, machine, Announce, files);
        files.ShownThumbprint.ShouldBe(files.Thumbprint);
        files.ShownThumbprint.ShouldNotBe(first);

        var second = files.Thumbprint;
        files.Corrupt();
        certificate.Reload();
        await SendOverTlsAsync(server, machine, Announce, files);
        files.ShownThumbprint.ShouldBe(second);
        files.Reports[^1].ShouldStartWith("the old certificate stays in use: ");
    }

    [Fact]
    public async Task A_client_that_sends_too_much_still_gets_its_reply()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var answer = await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Announce + new string('x', 60_000));
        answer.ShouldContain("\r\n\r\n127.0.0.1:");
    }

    [Fact]
    public async Task A_client_that_reads_late_gets_all_replies_in_order()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        using var client = new TcpClient(AddressFamily.InterNetwork) { ReceiveBufferSize = 64 * 1024 };
        await client.ConnectAsync(server.Local.ToIPEndPoint(), machine.Stop);
        // More than the sockets' buffers hold, so that the server must wait for the client.
        var requests = Encoding.Latin1.GetBytes(
            string.Concat(Enumerable.Range(0, 300).Select(i => $"GET /announce?long{i} HTTP/1.1\r\n\r\n")) + Announce
        );
        await client.GetStream().WriteAsync(requests, machine.Stop);
        var answer = await TestMachine.ReadToEndAsync(client.GetStream(), machine.Stop);
        var at = 0;
        for (var i = 0; i < 300; i++)
        {
            at = answer.IndexOf($"?long{i} ", at, StringComparison.Ordinal);
            at.ShouldBeGreaterThan(-1, $"reply {i}");
        }
        answer.ShouldContain("\r\n\r\n127.0.0.1:");
    }

    private static Task<IRunningServer> ServeAsync(TestMachine machine, string? unixPath = null) =>
        machine
            .World.Network.ServeHttpAsync(
                new HttpServerOptions
                {
                    At = unixPath is null ? TestMachine.AnyV4 : default,
                    UnixPath = unixPath,
                    Front = new ClientAddressFront(),
                    Handler = new Handler(request => Handler.Text(ClientAddressFront.Name(request.From))),
                },
                machine.Stop
            )
            .AsTask();

    private static async Task<string> SendOverUnixSocketAsync(string path, TestMachine machine, string text)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), machine.Stop);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), machine.Stop);
        return await TestMachine.ReadToEndAsync(stream, machine.Stop);
    }

    private static async Task<string> SendOverTlsAsync(
        IRunningServer server,
        TestMachine machine,
        string text,
        CertificateFixture files,
        string proxyHeader = ""
    )
    {
        using var client = await TestMachine.ConnectAsync(server.Local);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(proxyHeader), machine.Stop);
        await using var tls = new SslStream(client.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "tracker.example",
            RemoteCertificateValidationCallback = files.Accept,
        };
        await tls.AuthenticateAsClientAsync(options, machine.Stop);
        await tls.WriteAsync(Encoding.Latin1.GetBytes(text), machine.Stop);
        return await TestMachine.ReadToEndAsync(tls, machine.Stop);
    }
}
