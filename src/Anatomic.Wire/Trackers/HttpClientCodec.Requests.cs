using System.Globalization;
using System.Text;

namespace Anatomic.Wire.Trackers;

/// <summary>The URLs that a client asks (BEP 3, 7, 21, 23, 48).</summary>
public static partial class HttpClientCodec
{
    /// <summary>
    /// The announce URL with the client's words behind it. A query that the URL already has (a passkey) is kept in front, a
    /// fragment is dropped.
    /// </summary>
    public static string Announce(string announceUrl, AnnounceRequest request)
    {
        var url = Begin(announceUrl, out var separator);
        url.Append(separator).Append("info_hash=");
        AppendHash(url, request.Swarm);
        url.Append("&peer_id=");
        AppendHash(url, request.PeerId);
        var numbers = CultureInfo.InvariantCulture;
        url.Append(numbers, $"&port={request.Port}&uploaded={request.UploadedBytes}");
        url.Append(numbers, $"&downloaded={request.DownloadedBytes}&left={request.LeftBytes}");
        url.Append(numbers, $"&compact=1&no_peer_id=1&supportcrypto=1&key={request.Key:x8}");
        if (request.Wanted >= 0)
        {
            url.Append(numbers, $"&numwant={request.Wanted}");
        }
        if (NameOf(request.Event) is { } name)
        {
            url.Append("&event=").Append(name);
        }
        if (request.TrackerId is { Length: > 0 } trackerId)
        {
            url.Append("&trackerid=");
            PercentEncoding.Append(url, trackerId);
        }
        return url.ToString();
    }

    /// <summary>
    /// The scrape URL of an announce URL (BEP 48): its last path segment must begin with <c>announce</c>, which becomes
    /// <c>scrape</c>. False: this tracker has no scrape.
    /// </summary>
    public static bool TryScrape(string announceUrl, ReadOnlySpan<Hash20> swarms, out string url)
    {
        url = "";
        var query = announceUrl.AsSpan().IndexOfAny('?', '#');
        var path = query < 0 ? announceUrl.AsSpan() : announceUrl.AsSpan(0, query);
        var name = path.LastIndexOf('/') + 1;
        if (!path[name..].StartsWith("announce", StringComparison.Ordinal))
        {
            return false;
        }
        var scrape = string.Concat(announceUrl.AsSpan(0, name), "scrape", announceUrl.AsSpan(name + "announce".Length));
        var built = Begin(scrape, out var separator);
        foreach (var swarm in swarms)
        {
            built.Append(separator).Append("info_hash=");
            AppendHash(built, swarm);
            separator = "&";
        }
        url = built.ToString();
        return true;
    }

    private static StringBuilder Begin(string url, out string separator)
    {
        var fragment = url.IndexOf('#', StringComparison.Ordinal);
        var kept = fragment < 0 ? url.AsSpan() : url.AsSpan(0, fragment);
        separator =
            !kept.Contains('?') ? "?"
            : kept[^1] is '?' or '&' ? ""
            : "&";
        return new StringBuilder(kept.Length + 320).Append(kept);
    }

    private static void AppendHash(StringBuilder url, Hash20 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash20.Length];
        hash.CopyTo(bytes);
        PercentEncoding.Append(url, bytes);
    }

    private static string? NameOf(AnnounceEvent reason) =>
        reason switch
        {
            AnnounceEvent.Completed => "completed",
            AnnounceEvent.Started => "started",
            AnnounceEvent.Stopped => "stopped",
            AnnounceEvent.Paused => "paused",
            _ => null,
        };
}
