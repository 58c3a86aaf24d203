using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Pages;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// Routes a supernode's HTTP requests; docs/protocol/supernode.md lists them. Runs on the supernode's loop.
/// </summary>
internal sealed class SupernodeHttpRouter(
    SupernodeCore core,
    RecordHandler records,
    ExchangeHandler exchanges,
    LookupHandler lookups,
    SupernodePages pages
)
{
    private const int MaxNonceChars = 2 * NetworkLimits.MaxNonceBytes;

    private readonly RedirectHandler redirects = new(core, lookups);

    public async Task<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop)
    {
        try
        {
            return await RouteAsync(request, stop);
        }
        catch (DiskException failure)
        {
            core.Events.StoreFailed(failure);
            var reason = failure.Kind == DiskFault.Full ? "its disk is full" : "it cannot write to its store";
            return HttpResponses.Text(503, $"this supernode cannot accept the request: {reason}; try another one");
        }
    }

    private async Task<HttpResponse> RouteAsync(InboundRequest request, CancellationToken stop)
    {
        core.Counters.Requests++;
        return (request.Method, request.Path) switch
        {
            ("GET" or "HEAD", "/announce") => await redirects.RedirectAsync(request, "announce"),
            ("GET" or "HEAD", "/scrape") => await redirects.RedirectAsync(request, "scrape"),
            ("GET", "/lookup") => await lookups.LookupAsync(new Query(request.Query), stop),
            ("GET", "/place") => lookups.Place(new Query(request.Query)),
            ("POST", "/orders") => await lookups.OrdersAsync(request, stop),
            ("POST", "/receipts") => await lookups.ReceiptsAsync(request, stop),
            ("POST", "/record") => await records.PostAsync(request, stop),
            ("GET", "/record") => GetOwnRecord(),
            ("GET", "/records") => records.List(new Query(request.Query)),
            ("POST", "/exchange") => exchanges.Handle(request),
            ("GET", "/plants") => GetOwnManifest(new Query(request.Query)),
            ("POST", "/submit") => await pages.SubmitAsync(request, stop),
            ("GET" or "HEAD", "/") => pages.Directory(),
            ("GET" or "HEAD", "/metrics") => HttpResponses.Metrics(PrometheusText.Write(pages.Metrics())),
            ("GET" or "HEAD", "/healthz") => pages.Health(),
            (_, "/receipts" or "/record" or "/orders" or "/exchange" or "/submit") => HttpResponses.MethodNotAllowed(
                "POST"
            ),
            (_, "/lookup" or "/place" or "/records" or "/plants" or "/metrics" or "/") =>
                HttpResponses.MethodNotAllowed("GET"),
            _ => HttpResponses.Text(404, "nothing here; the directory page is at /"),
        };
    }

    private HttpResponse GetOwnRecord() =>
        core.OwnRecord is { } record
            ? HttpResponses.Bencoded(200, record.Raw)
            : HttpResponses.Text(404, "this supernode has no public URL and therefore no record");

    /// <summary>
    /// Proves the supernode's id as a node proves its own: by a manifest head signed with the sender's nonce. The
    /// manifest is empty.
    /// </summary>
    private HttpResponse GetOwnManifest(Query query)
    {
        var hex = query.Text("nonce") ?? "";
        if (hex.Length > MaxNonceChars || hex.Length % 2 != 0 || !hex.All(char.IsAsciiHexDigit))
        {
            return HttpResponses.Text(400, "nonce must be a hexadecimal number of at most 32 bytes");
        }
        var head = core.Signer.Sign(
            new ManifestHead
            {
                Epoch = 0,
                Seq = 0,
                Floor = 0,
                Count = 0,
                Digest = default,
                RecordSeq = core.OwnRecord?.Item.Seq ?? 0,
                Nonce = Convert.FromHexString(hex),
                At = core.Now.ToUnixTimeMilliseconds(),
            }
        );
        return HttpResponses.Bencoded(200, new ManifestPage(head.Envelope, []).Write());
    }
}
