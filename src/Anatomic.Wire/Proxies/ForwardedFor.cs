using System.Net;

namespace Anatomic.Wire.Proxies;

/// <summary>
/// The client's address behind a proxy that sends <c>X-Forwarded-For</c>. Trusts only the proxies named by the
/// operator, and unix sockets, which only programs on the same machine can use.
/// </summary>
public sealed class ForwardedFor(IReadOnlyList<IPNetwork> trusted)
{
    /// <summary>
    /// The last address in <paramref name="header"/>, which the trusted proxy saw itself; a client could have forged
    /// those before it. Returns <paramref name="from"/> when it is not a trusted proxy or the header has no address.
    /// </summary>
    /// <param name="from">The sender of the request; default for unix sockets.</param>
    /// <param name="header">Empty when the request has none.</param>
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
