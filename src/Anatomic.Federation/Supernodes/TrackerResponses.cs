using Anatomic.Wire.Bencoding;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>What a supernode answers to BitTorrent clients: it tracks nothing itself, and sends them on.</summary>
internal static class TrackerResponses
{
    /// <summary>302, never 301, which some clients store for ever; and no cache may keep it either.</summary>
    public static HttpResponse Redirect(string location) =>
        new()
        {
            Status = 302,
            Headers = new Dictionary<string, string> { ["location"] = location, ["cache-control"] = "no-store" },
        };

    /// <summary>
    /// What a tracker's client is told when it cannot be served: status 200 with a failure reason (several clients drop the body
    /// of anything else), when to come again (BEP 31, in minutes), and no peers.
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

    /// <summary>A scrape that cannot be sent on to one holder: no files, and no failure.</summary>
    public static HttpResponse EmptyScrape() =>
        HttpResponse.Of(
            200,
            "text/plain",
            new BencodeWriter().BeginDictionary().Key("files"u8).BeginDictionary().End().End().ToArray()
        );
}
