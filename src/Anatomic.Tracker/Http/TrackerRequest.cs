using Anatomic.Wire.Http;
using Anatomic.Wire.Trackers;

namespace Anatomic.Tracker.Http;

/// <summary>A request for <c>/announce</c> or <c>/scrape</c>.</summary>
internal ref struct TrackerRequest
{
    public TrackerPath Path;

    public bool IsGet;

    /// <summary>The method is <c>HEAD</c>, whose reply has no body (RFC 9110, 9.3.2).</summary>
    public bool IsHead;

    /// <summary>The only folder of the path, <c>TOKEN</c> of <c>/TOKEN/announce</c>; empty: there is none.</summary>
    public ReadOnlySpan<byte> PathToken;

    /// <summary>The bytes behind the question mark.</summary>
    public ReadOnlySpan<byte> Query;

    public bool IsVersion10;

    /// <summary>
    /// The connection can serve another request: not after a body, which nobody reads, nor after another method than
    /// GET.
    /// </summary>
    public bool KeepOpen;

    /// <summary>The last <c>X-Forwarded-For</c>; empty: there is none.</summary>
    public ReadOnlySpan<byte> ForwardedFor;

    /// <summary>False: the path is another one.</summary>
    public static bool TryRead(in RequestHead head, out TrackerRequest request)
    {
        request = default;
        var path = head.Path;
        var token = AccessToken.FromPath(path, out var name);
        var isScrape = name.SequenceEqual("scrape"u8);
        if (
            (!isScrape && !name.SequenceEqual("announce"u8))
            || path.Length != name.Length + 1 + (token.IsEmpty ? 0 : token.Length + 1)
        )
        {
            return false;
        }
        request.Path = isScrape ? TrackerPath.Scrape : TrackerPath.Announce;
        request.IsGet = head.Method.SequenceEqual("GET"u8);
        request.IsHead = head.Method.SequenceEqual("HEAD"u8);
        request.PathToken = token;
        request.Query = head.Query;
        request.IsVersion10 = head.IsVersion10;
        request.KeepOpen = head.WantsKeepAlive && request.IsGet && !head.HasBody;
        request.ForwardedFor = head.ForwardedFor;
        return true;
    }
}
