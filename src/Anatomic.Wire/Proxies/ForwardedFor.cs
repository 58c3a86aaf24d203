using System.Net;

namespace Anatomic.Wire.Proxies;

/// <summary>
/// The client's address behind a proxy that tells it in the header <c>X-Forwarded-For</c>. Only proxies that the operator named are
/// believed, and whoever comes over a unix socket, which only the machine's own programs can.
/// </summary>
public sealed class ForwardedFor(IReadOnlyList<IPNetwork> trusted)
{
    /// <summary>
    /// The last hop of <paramref name="header"/>, which is what the named proxy itself saw; what stands before it, anybody could
    /// have written. <paramref name="from"/> itself when it is no named proxy or the header has no address.
    /// </summary>
    /// <param name="from">Who sent the request; default: somebody at a unix socket.</param>
    /// <param name="header">Empty: the request had none.</param>
    public Endpoint Of(in Endpoint from, ReadOnlySpan<byte> header)
    {
        if (header.IsEmpty || !IsTrusted(from))
        {
            return from;
        }
        var last = header[(header.LastIndexOf((byte)',') + 1)..].Trim(" \t"u8);
        return TryRead(last, out var address) ? Endpoint.From(address, from.Port) : from;
    }

    private bool IsTrusted(in Endpoint from)
    {
        if (from == default || trusted.Count == 0)
        {
            return from == default;
        }
        var address = from.ToAddress();
        foreach (var network in trusted)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Some proxies add the port: <c>1.2.3.4:5</c>, <c>[::1]:5</c>.</summary>
    private static bool TryRead(ReadOnlySpan<byte> text, out IPAddress address)
    {
        if (text.StartsWith("["u8) && text.IndexOf((byte)']') is > 0 and var end)
        {
            text = text[1..end];
        }
        else if (text.Count((byte)':') == 1)
        {
            text = text[..text.IndexOf((byte)':')];
        }
        var fine = IPAddress.TryParse(text, out var read);
        address = read ?? IPAddress.None;
        return fine;
    }
}
