using System.Globalization;
using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Pages;
using Anatomic.Federation.Sharing;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// Routes a node's HTTP requests other than announces and scrapes; docs/protocol/node.md lists them. Runs on the node's
/// loop.
/// </summary>
internal sealed class NodeHttpRouter(NodeCore core, PlantHandler plants, BatchValidator batches)
{
    private readonly StatusPage page = new(core);

    public async Task<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop)
    {
        try
        {
            return (request.Method, request.Path) switch
            {
                ("GET" or "HEAD", "/") => HttpResponses.Html(200, page.Write(SpanOf(request)), StatusPage.Policy),
                ("GET" or "HEAD", "/figures") => HttpResponses.Json(page.WriteFigures(SpanOf(request))),
                ("GET" or "HEAD", "/healthz") => HttpResponses.Text(200, "ok"),
                ("GET" or "HEAD", "/metrics") => HttpResponses.Metrics(PrometheusText.Write(NodeMetrics.Of(core))),
                ("GET" or "HEAD", "/record") => GetRecord(),
                ("GET", "/plants") => GetManifest(request),
                ("POST", "/plant") => await PlantAsync(request, stop),
                ("POST", "/unplant") => await UnplantAsync(request, stop),
                ("POST", "/orders") => await GetOrdersAsync(request, stop),
                ("POST", "/peers") => await ReceivePeersAsync(request, stop),
                (_, "/plant" or "/unplant" or "/orders" or "/peers") => HttpResponses.MethodNotAllowed("POST"),
                (_, "/" or "/figures" or "/healthz" or "/metrics" or "/record" or "/plants") =>
                    HttpResponses.MethodNotAllowed("GET"),
                _ => HttpResponses.Text(404, "nothing here; the status page is at /"),
            };
        }
        catch (DiskException failure)
        {
            core.Events.StoreFailed(failure);
            return HttpResponses.Text(
                503,
                failure.Kind == DiskFault.Full
                    ? "this node's disk is full; try another node"
                    : "this node cannot write to its store; try another node"
            );
        }
    }

    private static HistorySpan SpanOf(InboundRequest request) =>
        request.Query == "span=hour" ? HistorySpan.Hour : HistorySpan.Minutes;

    private HttpResponse GetRecord() =>
        core.Registration.Record is { } record
            ? HttpResponses.Item(record.Raw)
            : HttpResponses.Text(503, "this node does not know its own URL yet");

    private HttpResponse GetManifest(InboundRequest request)
    {
        var nonce = Array.Empty<byte>();
        var (epoch, since) = (0L, 0L);
        foreach (var pair in request.Query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = pair.Split('=', 2) is [var left, var right] ? (left, right) : (pair, "");
            var isValid = key switch
            {
                "epoch" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out epoch),
                "since" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out since),
                "nonce" => TryParseHex(value, out nonce),
                _ => true,
            };
            if (!isValid)
            {
                return HttpResponses.Text(
                    422,
                    $"{key} is invalid: epoch and since are decimal numbers, nonce has at most 64 hexadecimal digits"
                );
            }
        }
        core.Counters.ManifestPolls++;
        var head = core.Signer.Sign(
            new ManifestHead
            {
                Epoch = core.Ledger.Epoch,
                Seq = core.Ledger.Seq,
                Floor = core.Ledger.Floor,
                Count = core.Ledger.Count,
                Digest = core.Ledger.Digest,
                RecordSeq = core.Registration.Record?.Item.Seq ?? 0,
                Nonce = nonce,
                At = core.Now.ToUnixTimeMilliseconds(),
            }
        );
        var entries = core.Ledger.Page(epoch, since, NetworkLimits.MaxPageEntries);
        return HttpResponses.Bencoded(200, new ManifestPage(head.Envelope, entries).Write());
    }

    private async Task<HttpResponse> PlantAsync(InboundRequest request, CancellationToken stop) =>
        IncomingOrder.TryRead(request, core.Options.Network.Name, out var incoming, out var fault)
            ? await plants.PlantAsync(incoming, stop)
            : plants.RejectUnreadable(fault);

    private async Task<HttpResponse> UnplantAsync(InboundRequest request, CancellationToken stop) =>
        UnplantSubmission.TryRead(request.Body, out var submission, out var fault)
            ? await plants.UnplantAsync(submission, stop)
            : HttpResponses.Text(422, fault.ToString());

    private async Task<HttpResponse> GetOrdersAsync(InboundRequest request, CancellationToken stop)
    {
        if (!OrdersRequest.TryRead(request.Body, out var requested, out var fault))
        {
            return HttpResponses.Text(422, fault.ToString());
        }
        var (orders, unplants, bytes) = (new List<SignedItem>(), new List<SignedItem>(), 0);
        foreach (var digest in requested.Digests)
        {
            var order = await plants.FindOrderAsync(digest, stop);
            var unplant = order is null ? await plants.FindUnplantAsync(digest, stop) : null;
            bytes += (order ?? unplant)?.Raw.Length ?? 0;
            if (bytes > NetworkLimits.MaxPageBytes - NetworkLimits.MaxItemBytes)
            {
                break;
            }
            if (order is not null)
            {
                orders.Add(order);
            }
            else if (unplant is not null)
            {
                unplants.Add(unplant);
            }
        }
        return HttpResponses.Bencoded(200, new OrdersResponse(orders, unplants).Write());
    }

    private async Task<HttpResponse> ReceivePeersAsync(InboundRequest request, CancellationToken stop)
    {
        if (!PeersRequest.TryRead(request.Body, out var peers, out var fault))
        {
            core.Counters.BatchesRejected++;
            return HttpResponses.Text(422, fault.ToString());
        }
        var result = batches.Apply(peers, core.Now);
        if (result.Status != 200)
        {
            core.Counters.BatchesRejected++;
            return HttpResponses.Text(result.Status, result.Message);
        }
        core.Counters.BatchesAccepted++;
        var unplants = new List<SignedItem>();
        var ended = result.NotHeld.Where(notHeld => notHeld.Reason == NotHeldReason.Unplanted);
        foreach (var (order, _) in ended.Take(PeersResponse.MaxUnplants))
        {
            if (await plants.FindUnplantAsync(order, stop) is { } unplant)
            {
                unplants.Add(unplant);
            }
        }
        return HttpResponses.Bencoded(200, new PeersResponse(core.Boot, result.NotHeld, unplants).Write());
    }

    private static bool TryParseHex(string text, out byte[] bytes)
    {
        var isValid =
            text.Length <= 2 * NetworkLimits.MaxNonceBytes && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit);
        bytes = isValid ? Convert.FromHexString(text) : [];
        return isValid;
    }
}
