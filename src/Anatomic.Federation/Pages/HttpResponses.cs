using System.Text;
using Anatomic.World;

namespace Anatomic.Federation.Pages;

/// <summary>Builds the HTTP responses of nodes and supernodes.</summary>
internal static class HttpResponses
{
    /// <summary>The protocol's own messages: bencoded dictionaries and signed items.</summary>
    private const string BencodedType = "application/x-bittorrent-anatomic";

    /// <summary>Prometheus' text exposition format, under the content type that its scrapers expect.</summary>
    private const string MetricsType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>One line of plain text.</summary>
    public static HttpResponse Text(int status, string line) =>
        HttpResponse.Of(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>Status 405, with the method that the path accepts.</summary>
    public static HttpResponse MethodNotAllowed(string method) => Text(405, $"use {method}");

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

    /// <summary>
    /// A page that loads nothing and runs nothing but what its policy allows, since it may show text that strangers
    /// wrote.
    /// </summary>
    /// <param name="page">The whole document.</param>
    /// <param name="policy">The content security policy.</param>
    public static HttpResponse Html(int status, string page, string policy = Page.StaticPolicy) =>
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
