using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Trackers;

/// <summary>
/// The client's side of HTTP trackers (BEP 3, 7, 21, 23, 24, 31, 48): writes URLs and reads responses, leniently.
/// </summary>
public static class HttpClientCodec
{
    /// <summary>
    /// Adds the announce's parameters to the announce URL. A query already in the URL (a passkey) stays in front; a
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
    /// Builds the scrape URL from the announce URL (BEP 48): the last part of its path must begin with <c>announce</c>,
    /// which becomes <c>scrape</c>. False when the tracker has no scrape.
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

    public static bool TryReadAnnounce(
        ReadOnlyMemory<byte> body,
        [NotNullWhen(true)] out AnnounceResponse? reply,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        reply = null;
        if (!TryReadDictionary(body, out var root, out fault))
        {
            return false;
        }
        var failure = TextOf(root, "failure reason"u8);
        var peers = new List<Endpoint>();
        if (failure is null)
        {
            AddPeers(peers, root.Find("peers"u8), compactBytes: 6);
            AddPeers(peers, root.Find("peers6"u8), compactBytes: 18);
        }
        var retry = root.Find("retry in"u8);
        var retryMinutes = NumberOf(retry) ?? 0;
        reply = new AnnounceResponse
        {
            FailureReason = failure,
            WarningMessage = TextOf(root, "warning message"u8),
            Interval = SecondsOf(root.Find("interval"u8)),
            MinInterval = SecondsOf(root.Find("min interval"u8)),
            // BEP 31 uses minutes.
            RetryIn =
                retryMinutes > 0
                    ? TimeSpan.FromMinutes(Math.Min(retryMinutes, TrackerProtocolLimits.MaxIntervalSeconds / 60))
                    : null,
            NeverRetry = retry?.Kind == BencodeKind.Bytes && retry.Bytes.Span.SequenceEqual("never"u8),
            TrackerId =
                root.TryGetBytes("tracker id"u8, out var id)
                && id.Length is > 0 and <= TrackerProtocolLimits.MaxTrackerIdBytes
                    ? id.ToArray()
                    : null,
            Complete = CountOf(root, "complete"u8),
            Incomplete = CountOf(root, "incomplete"u8),
            Downloaded = CountOf(root, "downloaded"u8),
            ExternalAddress = ExternalOf(root),
            Peers = peers,
        };
        return true;
    }

    public static bool TryReadScrape(
        ReadOnlyMemory<byte> body,
        [NotNullWhen(true)] out ScrapeResponse? reply,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        reply = null;
        if (!TryReadDictionary(body, out var root, out fault))
        {
            return false;
        }
        var files = new List<(Hash20, ScrapeCounts)>();
        if (root.Find("files"u8) is { Kind: BencodeKind.Dictionary } found)
        {
            foreach (var (key, value) in found.Entries)
            {
                if (key.Length == Hash20.Length && value.Kind == BencodeKind.Dictionary)
                {
                    var counts = new ScrapeCounts(
                        CountOf(value, "complete"u8) ?? 0,
                        CountOf(value, "downloaded"u8) ?? 0,
                        CountOf(value, "incomplete"u8) ?? 0
                    )
                    {
                        Downloaders = CountOf(value, "downloaders"u8),
                    };
                    files.Add((new Hash20(key.Span), counts));
                }
            }
        }
        reply = new ScrapeResponse
        {
            FailureReason = TextOf(root, "failure reason"u8),
            Files = files,
            MinInterval = SecondsOf(root.Find("flags"u8)?.Find("min_request_interval"u8)),
        };
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

    private static bool TryReadDictionary(
        ReadOnlyMemory<byte> body,
        [NotNullWhen(true)] out BencodeValue? root,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        root = null;
        if (body.Length > TrackerProtocolLimits.MaxHttpResponseBytes)
        {
            fault = new Fault($"the response is longer than {TrackerProtocolLimits.MaxHttpResponseBytes:N0} bytes");
            return false;
        }
        // Some trackers end with a line feed, so anything after the dictionary is ignored.
        if (!BencodeValue.TryParsePrefix(body, BencodeMode.Tolerant, out root, out fault))
        {
            return false;
        }
        if (root.Kind != BencodeKind.Dictionary)
        {
            root = null;
            fault = new Fault("the response is not a dictionary", 0);
            return false;
        }
        return true;
    }

    private static void AddPeers(List<Endpoint> into, BencodeValue? peers, int compactBytes)
    {
        if (peers?.Kind == BencodeKind.Bytes)
        {
            CompactPeers.AddTo(into, peers.Bytes.Span, compactBytes);
        }
        else if (peers?.Kind == BencodeKind.List)
        {
            foreach (var peer in peers.Items)
            {
                if (into.Count < TrackerProtocolLimits.MaxPeersRead && PeerOf(peer) is { } endpoint)
                {
                    into.Add(endpoint);
                }
            }
        }
    }

    /// <summary>
    /// A peer as BEP 3's dictionary. Host names are ignored: resolving them would let strangers send us DNS queries.
    /// </summary>
    private static Endpoint? PeerOf(BencodeValue peer) =>
        peer.Kind == BencodeKind.Dictionary
        && peer.TryGetInteger("port"u8, out var port)
        && port is > 0 and <= ushort.MaxValue
        && peer.TryGetText("ip"u8, out var text)
        && text.Length <= 64
        && IPAddress.TryParse(text, out var address)
            ? Endpoint.From(address, (int)port)
            : null;

    private static Endpoint? ExternalOf(BencodeValue root)
    {
        if (!root.TryGetBytes("external ip"u8, out var bytes))
        {
            return null;
        }
        Span<byte> compact = stackalloc byte[18];
        compact.Clear();
        switch (bytes.Length)
        {
            case 4:
                bytes.Span.CopyTo(compact);
                return Endpoint.FromCompact(compact[..6]);
            case 16:
                bytes.Span.CopyTo(compact);
                return Endpoint.FromCompact(compact);
            default:
                return null;
        }
    }

    private static string? TextOf(BencodeValue root, ReadOnlySpan<byte> key) =>
        root.TryGetBytes(key, out var bytes)
            ? Encoding.UTF8.GetString(bytes.Span[..Math.Min(bytes.Length, TrackerProtocolLimits.MaxTextBytes)])
            : null;

    private static int? CountOf(BencodeValue root, ReadOnlySpan<byte> key) =>
        NumberOf(root.Find(key)) is { } count ? (int)Math.Clamp(count, 0, int.MaxValue) : null;

    private static TimeSpan? SecondsOf(BencodeValue? value) =>
        NumberOf(value) is { } seconds and > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, TrackerProtocolLimits.MaxIntervalSeconds))
            : null;

    /// <summary>An integer, or the digits of one in a string, as some trackers write; null for anything else.</summary>
    private static long? NumberOf(BencodeValue? value) =>
        value?.Kind switch
        {
            BencodeKind.Integer => value.Integer,
            BencodeKind.Bytes
                when Utf8Parser.TryParse(value.Bytes.Span, out long number, out var length)
                    && length == value.Bytes.Length => number,
            _ => null,
        };
}
