using System.Text;
using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Fuzz.Targets;

/// <summary>Ids and addresses as text: what is accepted round-trips.</summary>
internal sealed class IdentityTarget : IFuzzTarget
{
    public string Name => "identity";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. new[]
        {
            "http://",
            "https://",
            "#",
            "/",
            "?",
            "@",
            "[::1]",
            "[::ffff:1.2.3.4]:80",
            "[fe80::1%25eth0]",
            ":65536",
            ":00080",
            "%2f",
            "%2e%2e/",
            "\u00fc",
            "\u0130",
            "\u212a",
            "\ud83d\ude00",
            "xn--",
            "xn--a.",
            "\u00ad",
            "\u200d",
            "\u0300",
            "\u05d0",
            string.Concat(Enumerable.Repeat("\u00e4", 64)),
            "\\",
            new string('a', 51) + "q",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public void Run(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (NodeId.TryParse(text, out var id))
        {
            Invariant.Holds(Same(id.ToString(), text) && id.Short.Length == 8);
        }
        var fine = BaseUrl.TryParse(text, out var url, out var fault);
        Invariant.Holds(fine == fault is null);
        if (url is not null)
        {
            Invariant.Holds(url.AbsoluteUri.EndsWith('/') && url.IdnHost.Length > 0 && url.Host.Length > 0);
            Invariant.Holds(BaseUrl.TryParse(url.AbsoluteUri, out var again, out _));
            Invariant.Holds(again.AbsoluteUri == url.AbsoluteUri);
        }
        fine = SupernodeAddress.TryParse(text, out var address, out fault);
        Invariant.Holds(fine == fault is null);
        if (address is not null)
        {
            Invariant.Holds(SupernodeAddress.TryParse(address.ToString(), out var again, out _));
            Invariant.Holds(again.ToString() == address.ToString() && again.Id == address.Id);
        }
        if (Endpoint.TryParse(text, out var endpoint))
        {
            Invariant.Holds(Endpoint.TryParse(endpoint.ToString(), out var again) && again == endpoint);
        }
        Hashes(input, text);
    }

    private static void Hashes(byte[] input, string text)
    {
        Invariant.Holds(!Hash20.TryParseHex(text, out var hash20) || Same(hash20.ToString(), text));
        Invariant.Holds(!Hash32.TryParseHex(text, out var hash32) || Same(hash32.ToString(), text));
        var decoded = new byte[input.Length];
        Invariant.Holds(Base32.TryDecode(Base32.Encode(input), decoded) && decoded.AsSpan().SequenceEqual(input));
        if (input.Length >= NodeId.PublicKeyLength)
        {
            P256.IsPoint(input.AsSpan(0, NodeId.PublicKeyLength));
        }
    }

    private static bool Same(string written, string read) => written.Equals(read, StringComparison.OrdinalIgnoreCase);
}
