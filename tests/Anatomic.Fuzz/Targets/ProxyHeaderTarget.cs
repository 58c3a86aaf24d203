using System.Net;
using Anatomic.Wire;
using Anatomic.Wire.Proxies;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// The PROXY header and X-Forwarded-For. The result does not depend on how the connection is split: a part of a header
/// is incomplete, and bytes after it do not matter.
/// </summary>
internal sealed class ProxyHeaderTarget : IFuzzTarget
{
    private static readonly ForwardedFor Everybody = new([IPNetwork.Parse("0.0.0.0/0")]);

    public string Name => "proxy-header";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [.. "PROXY TCP4 192.0.2.7 203.0.113.1 40001 6969\r\n"u8],
        [.. "PROXY TCP6 2001:db8::7 2001:db8::1 1 2\r\n"u8],
        [.. "PROXY UNKNOWN"u8],
        [.. "\r\n"u8],
        [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0, 12, 192, 0, 2, 7, 203, 0, 113, 1, 0, 80, 0, 81],
        [0x21, 0x21, 0, 36],
        [0x20, 0, 0, 0],
        [.. ", 198.51.100.7:80"u8],
        [.. "[2001:db8::7]:80"u8],
    ];

    public void Run(byte[] input)
    {
        var scan = ProxyHeader.Read(input, out var length, out var client, out var fault);
        Invariant.Holds((fault is not null) == (scan == ProxyHeaderResult.Invalid));
        Invariant.Holds(client is null || scan == ProxyHeaderResult.Complete);
        if (scan == ProxyHeaderResult.Complete)
        {
            Invariant.Holds(length is > 0 and <= ProxyHeader.MaxBinaryBytes && length <= input.Length);
            Invariant.Holds(ProxyHeader.Read(input.AsSpan(0, length), out var again, out var same, out _) == scan);
            Invariant.Holds(again == length && same == client);
            Invariant.Holds(
                ProxyHeader.Read(input.AsSpan(0, length - 1), out _, out _, out _) == ProxyHeaderResult.Incomplete
            );
        }
        else if (scan == ProxyHeaderResult.Incomplete)
        {
            Invariant.Holds(input.Length < ProxyHeader.MaxBinaryBytes, "what waits for more is bounded");
        }
        // Whatever it contains, the port stays that of the connection.
        var from = Endpoint.FromV4(0x7F000001, 4242);
        Invariant.Holds(Everybody.Of(from, input).Port == from.Port);
    }
}
