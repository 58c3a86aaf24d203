using Anatomic.Wire.Bencoding;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// A supernode's responses to BitTorrent clients. It tracks nothing itself and redirects them to holders.
/// </summary>
internal static class TrackerResponses
{
    /// <summary>Status 302, not cacheable; some clients store a 301 for ever.</summary>
    public static HttpResponse Redirect(string location) =>
        new()
        {
            Status = 302,
            Headers = new Dictionary<string, string> { ["location"] = location, ["cache-control"] = "no-store" },
        };

    /// <summary>
    /// A tracker's rejection: status 200 with a failure reason, the time to wait (BEP 31, in minutes) and no peers.
    /// Several clients ignore the body of any other status.
    /// </summary>
    public static HttpResponse Failure(string reason) =>
        HttpResponse.Of(
            200,
            "text/plain",
            new BencodeWriter()
                .BeginDictionary()
                .Key("failure reason"u8)
                .Text(reason)
                .Key("interval"u8)
                .Integer(FederationLimits.RetryInMinutes * 60)
                .Key("peers"u8)
                .Bytes([])
                .Key("retry in"u8)
                .Integer(FederationLimits.RetryInMinutes)
                .End()
                .ToArray()
        );

    /// <summary>
    /// The response to a scrape of several hashes, which has no single holder: no files, and no failure.
    /// </summary>
    public static HttpResponse EmptyScrape() =>
        HttpResponse.Of(
            200,
            "text/plain",
            new BencodeWriter().BeginDictionary().Key("files"u8).BeginDictionary().End().End().ToArray()
        );
}
