using System.Text;
using Anatomic.Wire.Proxies;

namespace Anatomic.Wire.Tests.Proxies;

public class ProxyHeaderTests
{
    private static readonly byte[] Signature = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10];

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 203.0.113.1 40001 6969\r\n", "192.0.2.7:40001")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n", "[2001:db8::7]:1")]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535")]
    public void A_line_names_the_client(string line, string client)
    {
        Read(line + "GET /", out var length, out var told).ShouldBe(ProxyHeaderResult.Complete);
        length.ShouldBe(line.Length);
        told.ToString().ShouldBe(client);
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n")]
    public void A_proxy_that_does_not_know_its_client_speaks_for_itself(string line)
    {
        Read(line, out var length, out var told).ShouldBe(ProxyHeaderResult.Complete);
        length.ShouldBe(line.Length);
        told.ShouldBeNull();
    }

    [Theory]
    [InlineData("GET /announce HTTP/1.1\r\n\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 203.0.113.1 40001\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 203.0.113.1 40001 6969 1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7  203.0.113.1 40001 6969\r\n")]
    [InlineData("PROXY TCP4 2001:db8::7 203.0.113.1 40001 6969\r\n")]
    [InlineData("PROXY TCP6 192.0.2.7 203.0.113.1 40001 6969\r\n")]
    [InlineData("PROXY TCP4 192.0.2 203.0.113.1 40001 6969\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 203.0.113.1 65536 6969\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 203.0.113.1 -1 6969\r\n")]
    [InlineData("PROXY UDP4 192.0.2.7 203.0.113.1 1 1\r\n")]
    [InlineData("PROXY UNKNOWNS\r\n")]
    [InlineData("proxy TCP4 192.0.2.7 203.0.113.1 1 1\r\n")]
    public void Other_bytes_are_not_a_header(string text) =>
        Read(text, out _, out _).ShouldBe(ProxyHeaderResult.Invalid);

    [Fact]
    public void A_line_without_an_end_is_rejected_at_the_limit()
    {
        var line = "PROXY UNKNOWN ".PadRight(ProxyHeader.MaxLineBytes - 1, 'x');
        Read(line, out _, out _).ShouldBe(ProxyHeaderResult.Incomplete);
        Read(line + "x", out _, out _).ShouldBe(ProxyHeaderResult.Invalid);
    }

    [Fact]
    public void A_binary_header_names_the_client()
    {
        var v4 = Binary(0x21, 0x11, [192, 0, 2, 7, 203, 0, 113, 1, 0x9C, 0x41, 0x1B, 0x39]);
        ReadBytes([.. v4, 1, 2, 3], out var length, out var told).ShouldBe(ProxyHeaderResult.Complete);
        length.ShouldBe(v4.Length);
        told.ToString().ShouldBe("192.0.2.7:40001");

        byte[] from = [0x20, 0x01, 0x0D, 0xB8, .. new byte[11], 7];
        var v6 = Binary(0x21, 0x21, [.. from, .. new byte[16], 0, 80, 0, 81]);
        ReadBytes(v6, out _, out told).ShouldBe(ProxyHeaderResult.Complete);
        told.ToString().ShouldBe("[2001:db8::7]:80");
    }

    [Fact]
    public void Fields_after_the_addresses_are_ignored()
    {
        var header = Binary(0x21, 0x11, [192, 0, 2, 7, 203, 0, 113, 1, 0, 80, 0, 81, .. new byte[300]]);
        ReadBytes(header, out var length, out var told).ShouldBe(ProxyHeaderResult.Complete);
        length.ShouldBe(header.Length);
        told.ToString().ShouldBe("192.0.2.7:80");
    }

    [Theory]
    [InlineData(0x20, 0x11)] // LOCAL: a health check
    [InlineData(0x21, 0x00)] // UNSPEC
    [InlineData(0x21, 0x12)] // UDP
    [InlineData(0x21, 0x31)] // a unix socket
    public void A_binary_header_without_a_tcp_client_speaks_for_the_proxy(byte versionAndCommand, byte family)
    {
        ReadBytes(Binary(versionAndCommand, family, new byte[216]), out _, out var told)
            .ShouldBe(ProxyHeaderResult.Complete);
        told.ShouldBeNull();
    }

    [Theory]
    [InlineData(0x11, 0x11, 12)] // version 1 in version 2's form
    [InlineData(0x22, 0x11, 12)] // an unknown command
    [InlineData(0x21, 0x11, 11)] // addresses that do not fit
    [InlineData(0x21, 0x21, 35)]
    [InlineData(0x21, 0x11, ProxyHeader.MaxBinaryBytes)] // longer than is taken
    public void A_malformed_binary_header_is_rejected(byte versionAndCommand, byte family, int bytes) =>
        ReadBytes(Binary(versionAndCommand, family, new byte[bytes]), out _, out _).ShouldBe(ProxyHeaderResult.Invalid);

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 203.0.113.1 40001 6969\r\n")]
    [InlineData(null)]
    public void Every_part_of_a_header_is_incomplete(string? line)
    {
        var whole = line is null ? Binary(0x21, 0x11, new byte[20]) : Encoding.ASCII.GetBytes(line);
        for (var length = 0; length < whole.Length; length++)
        {
            ReadBytes(whole.AsSpan(0, length).ToArray(), out _, out _).ShouldBe(ProxyHeaderResult.Incomplete);
        }
        ReadBytes(whole, out _, out _).ShouldBe(ProxyHeaderResult.Complete);
    }

    private static byte[] Binary(byte versionAndCommand, byte family, byte[] body) =>
        [.. Signature, versionAndCommand, family, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    private static ProxyHeaderResult Read(string text, out int length, out Endpoint? client) =>
        ReadBytes(Encoding.ASCII.GetBytes(text), out length, out client);

    private static ProxyHeaderResult ReadBytes(byte[] bytes, out int length, out Endpoint? client)
    {
        var scan = ProxyHeader.Read(bytes, out length, out client, out var fault);
        (fault is not null).ShouldBe(scan == ProxyHeaderResult.Invalid);
        return scan;
    }
}
