using System.Text;
using Anatomic.Wire.Bencoding;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>The kinds of answers that a supernode gives.</summary>
internal static class Replies
{
    public static HttpReply Text(int status, string line) =>
        HttpReply.Of(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(line + "\n"));

    public static HttpReply Bencoded(int status, ReadOnlyMemory<byte> body) =>
        HttpReply.Of(status, "application/octet-stream", body);

    public static HttpReply Html(int status, string page)
    {
        var headers = new Dictionary<string, string>
        {
            ["content-type"] = "text/html; charset=utf-8",
            ["cache-control"] = "no-store",
            // The pages show what strangers have written; nothing of it may run.
            ["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
            ["x-content-type-options"] = "nosniff",
        };
        return new HttpReply
        {
            Status = status,
            Headers = headers,
            Body = Encoding.UTF8.GetBytes(page),
        };
    }

    /// <summary>302, never 301, which some clients store for ever; and no cache may keep it either.</summary>
    public static HttpReply Redirect(string location) =>
        new()
        {
            Status = 302,
            Headers = new Dictionary<string, string> { ["location"] = location, ["cache-control"] = "no-store" },
        };

    /// <summary>
    /// What a tracker's client is told when it cannot be served: status 200 with a failure reason (several clients drop the body
    /// of anything else), when to come again (BEP 31, in minutes), and no peers.
    /// </summary>
    public static HttpReply TrackerFailure(string reason) =>
        HttpReply.Of(
            200,
            "text/plain",
            new BencodeWriter()
                .BeginDictionary()
                .Key("failure reason"u8)
                .Text(reason)
                .Key("interval"u8)
                .Integer(SupernodeLimits.RetryInMinutes * 60)
                .Key("peers"u8)
                .Bytes([])
                .Key("retry in"u8)
                .Integer(SupernodeLimits.RetryInMinutes)
                .End()
                .ToArray()
        );

    /// <summary>A scrape that cannot be sent on to one holder: no files, and no failure.</summary>
    public static HttpReply EmptyScrape() =>
        HttpReply.Of(
            200,
            "text/plain",
            new BencodeWriter().BeginDictionary().Key("files"u8).BeginDictionary().End().End().ToArray()
        );
}
