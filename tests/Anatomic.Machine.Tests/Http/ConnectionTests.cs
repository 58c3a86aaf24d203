using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Anatomic.Machine.Configuration;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Http;

/// <summary>What stands in front of HTTP, with the loops that this system has.</summary>
public class ConnectionTests() : ConnectionTestsBase(portable: false);

/// <summary>The same with what every system has.</summary>
public class PortableConnectionTests() : ConnectionTestsBase(portable: true);

public abstract class ConnectionTestsBase(bool portable)
{
    private const string Ask = "GET /announce?who HTTP/1.1\r\nConnection: close\r\n\r\n";
    private const string AskHandler = "GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    private static readonly ProxyProtocolSources Loopback = new() { Networks = [IPNetwork.Parse("127.0.0.0/8")] };

    [Fact]
    public async Task A_proxy_that_is_named_speaks_for_its_clients()
    {
        await using var machine = new TestMachine(portable: portable, proxies: Loopback);
        await using var server = await ServeAsync(machine);
        const string Header = "PROXY TCP4 192.0.2.7 127.0.0.1 40001 6969\r\n";
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Header + Ask)).ShouldEndWith(
            "\r\n\r\n192.0.2.7:40001"
        );
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Header + AskHandler)).ShouldEndWith(
            "\r\n\r\n192.0.2.7:40001"
        );
    }

    [Fact]
    public async Task A_header_of_the_proxy_may_come_in_pieces()
    {
        await using var machine = new TestMachine(portable: portable, proxies: Loopback);
        await using var server = await ServeAsync(machine);
        var pieces = ("PROXY TCP6 2001:db8::7 ::1 1 2\r\n" + Ask).Select(c => c.ToString()).ToArray();
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, pieces)).ShouldEndWith(
            "\r\n\r\n[2001:db8::7]:1"
        );
    }

    [Fact]
    public async Task A_binary_header_of_the_proxy_counts_as_well()
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
            await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Encoding.Latin1.GetString(header) + Ask)
        ).ShouldEndWith("\r\n\r\n192.0.2.9:80");
    }

    [Fact]
    public async Task A_named_proxy_without_its_header_is_not_answered()
    {
        await using var machine = new TestMachine(portable: portable, proxies: Loopback);
        await using var server = await ServeAsync(machine);
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Ask)).ShouldBe("");
    }

    [Fact]
    public async Task Whoever_is_no_named_proxy_cannot_speak_for_others()
    {
        await using var machine = new TestMachine(
            portable: portable,
            proxies: new ProxyProtocolSources { Networks = [IPNetwork.Parse("10.0.0.0/8")] }
        );
        await using var server = await ServeAsync(machine);
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Ask)).ShouldContain("\r\n\r\n127.0.0.1:");
        (
            await TestMachine.SendAndReadAsync(
                server.Local,
                machine.Stop,
                "PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\n" + Ask
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
            (await TalkUnixAsync(path, machine, Ask)).ShouldEndWith("\r\n\r\nnobody");
            (await TalkUnixAsync(path, machine, AskHandler)).ShouldEndWith("\r\n\r\nnobody");
        }
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_proxy_at_a_unix_socket_speaks_for_its_clients_when_it_is_to()
    {
        await using var machine = new TestMachine(
            portable: portable,
            proxies: new ProxyProtocolSources { UnixSockets = true }
        );
        var path = machine.At("a.sock");
        await using var server = await ServeAsync(machine, path);
        const string Header = "PROXY TCP4 192.0.2.7 127.0.0.1 40001 6969\r\n";
        (await TalkUnixAsync(path, machine, Header + Ask)).ShouldEndWith("\r\n\r\n192.0.2.7:40001");
        (await TalkUnixAsync(path, machine, Header + AskHandler)).ShouldEndWith("\r\n\r\n192.0.2.7:40001");
        (await TalkUnixAsync(path, machine, Ask)).ShouldBe("");
    }

    [Fact]
    public async Task A_unix_socket_that_a_dead_program_left_is_replaced_and_a_living_one_is_not()
    {
        await using var machine = new TestMachine(portable: portable);
        var path = machine.At("a.sock");
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Under another name, or .NET would clean up behind itself.
            left.Bind(new UnixDomainSocketEndPoint(path + ".other"));
            File.Move(path + ".other", path);
        }
        File.Exists(path).ShouldBeTrue();
        await using var server = await ServeAsync(machine, path);
        var refused = await Should.ThrowAsync<NetworkException>(() => ServeAsync(machine, path));
        refused.Message.ShouldContain("is in use by another program");
        (await TalkUnixAsync(path, machine, Ask)).ShouldEndWith("\r\n\r\nnobody");
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_not_touched()
    {
        await using var machine = new TestMachine(portable: portable);
        var path = machine.At("notes.txt");
        await File.WriteAllTextAsync(path, "dear diary", machine.Stop);
        await Should.ThrowAsync<NetworkException>(() => ServeAsync(machine, path));
        (await File.ReadAllTextAsync(path, machine.Stop)).ShouldBe("dear diary");
    }

    [Fact]
    public async Task Tls_and_plain_http_are_answered_at_the_same_port()
    {
        using var files = new CertificateFixture();
        using var certificate = files.Load();
        await using var machine = new TestMachine(portable: portable, certificate: certificate);
        await using var server = await ServeAsync(machine);
        (await TalkTlsAsync(server, machine, Ask, files)).ShouldContain("\r\n\r\n127.0.0.1:");
        (await TalkTlsAsync(server, machine, AskHandler, files)).ShouldContain("127.0.0.1:");
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Ask)).ShouldContain("\r\n\r\n127.0.0.1:");
        (await TestMachine.SendAndReadAsync(server.Local, machine.Stop, AskHandler)).ShouldContain("127.0.0.1:");
    }

    [Fact]
    public async Task A_connection_of_tls_stays_open_between_announces()
    {
        using var files = new CertificateFixture();
        using var certificate = files.Load();
        await using var machine = new TestMachine(portable: portable, certificate: certificate);
        await using var server = await ServeAsync(machine);
        var twice = "GET /announce?1 HTTP/1.1\r\n\r\n" + Ask;
        var answer = await TalkTlsAsync(server, machine, twice, files);
        answer.Split("HTTP/1.1 200 OK").Length.ShouldBe(3);
    }

    [Fact]
    public async Task A_proxys_header_comes_before_tls()
    {
        using var files = new CertificateFixture();
        using var certificate = files.Load();
        await using var machine = new TestMachine(portable: portable, proxies: Loopback, certificate: certificate);
        await using var server = await ServeAsync(machine);
        const string Header = "PROXY TCP4 192.0.2.7 127.0.0.1 40001 6969\r\n";
        (await TalkTlsAsync(server, machine, Ask, files, Header)).ShouldEndWith("\r\n\r\n192.0.2.7:40001");
    }

    [Fact]
    public async Task A_new_certificate_is_used_once_it_is_read_and_a_broken_one_is_not()
    {
        using var files = new CertificateFixture();
        using var certificate = files.Load();
        await using var machine = new TestMachine(portable: portable, certificate: certificate);
        await using var server = await ServeAsync(machine);
        var first = files.Thumbprint;
        await TalkTlsAsync(server, machine, Ask, files);
        files.Seen.ShouldBe(first);

        files.Write("second.example");
        certificate.Reload();
        await TalkTlsAsync(server, machine, Ask, files);
        files.Seen.ShouldBe(files.Thumbprint);
        files.Seen.ShouldNotBe(first);

        var second = files.Thumbprint;
        files.Break();
        certificate.Reload();
        await TalkTlsAsync(server, machine, Ask, files);
        files.Seen.ShouldBe(second);
        files.Remarks[^1].ShouldStartWith("the certificate stays as it was: ");
    }

    [Fact]
    public async Task A_client_that_sent_more_than_was_wanted_still_gets_its_reply()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        var answer = await TestMachine.SendAndReadAsync(server.Local, machine.Stop, Ask + new string('x', 60_000));
        answer.ShouldContain("\r\n\r\n127.0.0.1:");
    }

    [Fact]
    public async Task A_client_that_reads_late_gets_all_replies_in_order()
    {
        await using var machine = new TestMachine(portable: portable);
        await using var server = await ServeAsync(machine);
        using var client = new TcpClient(AddressFamily.InterNetwork) { ReceiveBufferSize = 64 * 1024 };
        await client.ConnectAsync(server.Local.ToIPEndPoint(), machine.Stop);
        // Far more than the sockets' buffers hold, so that the server has to stop and wait for the client.
        var asks = Encoding.Latin1.GetBytes(
            string.Concat(Enumerable.Range(0, 300).Select(i => $"GET /announce?long{i} HTTP/1.1\r\n\r\n")) + Ask
        );
        await client.GetStream().WriteAsync(asks, machine.Stop);
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
                    Handler = new Handler(call => Handler.Text(ClientAddressFront.Name(call.From))),
                },
                machine.Stop
            )
            .AsTask();

    private static async Task<string> TalkUnixAsync(string path, TestMachine machine, string text)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), machine.Stop);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), machine.Stop);
        return await TestMachine.ReadToEndAsync(stream, machine.Stop);
    }

    private static async Task<string> TalkTlsAsync(
        IRunningServer server,
        TestMachine machine,
        string text,
        CertificateFixture files,
        string before = ""
    )
    {
        using var client = await TestMachine.ConnectAsync(server.Local);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(before), machine.Stop);
        await using var tls = new SslStream(client.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "tracker.example",
            RemoteCertificateValidationCallback = files.Look,
        };
        await tls.AuthenticateAsClientAsync(options, machine.Stop);
        await tls.WriteAsync(Encoding.Latin1.GetBytes(text), machine.Stop);
        return await TestMachine.ReadToEndAsync(tls, machine.Stop);
    }
}
