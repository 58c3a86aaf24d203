using System.Text;
using Anatomic.World;

namespace Anatomic.Federation.Pages;

/// <summary>The forms of what nodes and supernodes answer over HTTP.</summary>
internal static class HttpResponses
{
    /// <summary>The protocol's own messages: bencoded dictionaries and signed items.</summary>
    private const string BencodedType = "application/x-bittorrent-anatomic";

    /// <summary>Prometheus' text exposition format, as its scrapers expect it to be named.</summary>
    private const string MetricsType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>One clear line for a person.</summary>
    public static HttpResponse Line(int status, string line) =>
        HttpResponse.Of(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(line + "\n"));

    public static HttpResponse Bencoded(int status, ReadOnlyMemory<byte> body) =>
        HttpResponse.Of(status, BencodedType, body);

    /// <summary>A signed item.</summary>
    public static HttpResponse Item(ReadOnlyMemory<byte> raw) => Bencoded(200, raw);

    public static HttpResponse Metrics(string text) => HttpResponse.Of(200, MetricsType, Encoding.UTF8.GetBytes(text));

    public static HttpResponse Json(byte[] body) =>
        new()
        {
            Status = 200,
            Headers = new Dictionary<string, string>
            {
                ["content-type"] = "application/json",
                ["cache-control"] = "no-store",
                ["x-content-type-options"] = "nosniff",
            },
            Body = body,
        };

    /// <summary>A page that loads nothing, and runs nothing but what its policy names: it may show what strangers have written.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="page">The whole document.</param>
    /// <param name="policy">Its content security policy.</param>
    public static HttpResponse Html(int status, string page, string policy = Page.StillPolicy) =>
        new()
        {
            Status = status,
            Headers = new Dictionary<string, string>
            {
                ["content-type"] = "text/html; charset=utf-8",
                ["cache-control"] = "no-store",
                ["content-security-policy"] = policy,
                ["x-content-type-options"] = "nosniff",
                ["referrer-policy"] = "no-referrer",
            },
            Body = Encoding.UTF8.GetBytes(page),
        };
}
