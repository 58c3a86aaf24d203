using System.Globalization;
using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Pages;
using Anatomic.Federation.Sharing;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>A node's HTTP requests beside announces and scrapes; on the node's loop.</summary>
internal sealed class NodeHttpRouter(NodeCore core, PlantHandler desk, BatchValidator batches)
{
    private const string Bearer = "Bearer ";
    private readonly StatusPage page = new(core);

    public async Task<HttpResponse> AnswerAsync(InboundRequest call, CancellationToken stop)
    {
        try
        {
            return (call.Method, call.Path) switch
            {
                ("GET" or "HEAD", "/") => HttpResponses.Html(200, page.Write(SpanOf(call)), StatusPage.Policy),
                ("GET" or "HEAD", "/figures") => HttpResponses.Json(page.WriteFigures(SpanOf(call))),
                ("GET" or "HEAD", "/healthz") => HttpResponses.Line(200, "ok"),
                ("GET" or "HEAD", "/metrics") => HttpResponses.Metrics(PrometheusText.Write(NodeMetrics.Of(core))),
                ("GET" or "HEAD", "/record") => Record(),
                ("GET", "/plants") => Manifest(call),
                ("POST", "/plant") => await PlantAsync(call, stop),
                ("POST", "/unplant") => await UnplantAsync(call, stop),
                ("POST", "/orders") => await OrdersAsync(call, stop),
                ("POST", "/peers") => await PeersAsync(call, stop),
                (_, "/plant" or "/unplant" or "/orders" or "/peers") => HttpResponses.Line(405, "POST it"),
                (_, "/" or "/figures" or "/healthz" or "/metrics" or "/record" or "/plants") => HttpResponses.Line(
                    405,
                    "GET it"
                ),
                _ => HttpResponses.Line(404, "there is nothing here; the page for people is at /"),
            };
        }
        catch (DiskException failure)
        {
            core.Events.StoreTrouble(failure);
            var line =
                failure.Kind == DiskFault.Full
                    ? "this node's disk is full; try another node"
                    : "this node cannot write to its store now; try another node";
            return HttpResponses.Line(503, line);
        }
    }

    private static HistorySpan SpanOf(InboundRequest call) =>
        call.Query == "span=hour" ? HistorySpan.Hour : HistorySpan.Minutes;

    private HttpResponse Record() =>
        core.Registration.Record is { } record
            ? HttpResponses.Item(record.Raw)
            : HttpResponses.Line(503, "this node does not know its own url yet");

    private HttpResponse Manifest(InboundRequest call)
    {
        var nonce = Array.Empty<byte>();
        var (epoch, since) = (0L, 0L);
        foreach (var pair in call.Query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = pair.Split('=', 2) is [var left, var right] ? (left, right) : (pair, "");
            var fine = key switch
            {
                "epoch" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out epoch),
                "since" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out since),
                "nonce" => TryHex(value, out nonce),
                _ => true,
            };
            if (!fine)
            {
                return HttpResponses.Line(422, $"{key} is not what it should be: numbers, and at most 64 hex digits");
            }
        }
        core.Counters.ManifestPolls++;
        var now = core.Now;
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
                At = now.ToUnixTimeMilliseconds(),
            }
        );
        var entries = core.Ledger.Page(epoch, since, NetworkLimits.MaxPageEntries);
        return HttpResponses.Bencoded(200, new ManifestPage(head.Envelope, entries).Write());
    }

    private async Task<HttpResponse> PlantAsync(InboundRequest call, CancellationToken stop)
    {
        if (!PlantSubmission.TryRead(call.Body, out var offer, out var fault))
        {
            core.Counters.Refuse(OrderRejection.Unreadable);
            core.Events.Refused(OrderRejection.Unreadable);
            return HttpResponses.Line(422, fault.ToString());
        }
        var authorization = call.Headers.GetValueOrDefault("authorization", "");
        var token = authorization.StartsWith(Bearer, StringComparison.Ordinal) ? authorization[Bearer.Length..] : null;
        return await desk.PlantAsync(offer, call.From, token, stop);
    }

    private async Task<HttpResponse> UnplantAsync(InboundRequest call, CancellationToken stop) =>
        UnplantSubmission.TryRead(call.Body, out var offer, out var fault)
            ? await desk.UnplantAsync(offer, stop)
            : HttpResponses.Line(422, fault.ToString());

    private async Task<HttpResponse> OrdersAsync(InboundRequest call, CancellationToken stop)
    {
        if (!OrdersRequest.TryRead(call.Body, out var ask, out var fault))
        {
            return HttpResponses.Line(422, fault.ToString());
        }
        var (orders, unplants, bytes) = (new List<SignedItem>(), new List<SignedItem>(), 0);
        foreach (var digest in ask.Digests)
        {
            var order = await desk.BodyAsync(digest, stop);
            var unplant = order is null ? await desk.UnplantOfAsync(digest, stop) : null;
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

    private async Task<HttpResponse> PeersAsync(InboundRequest call, CancellationToken stop)
    {
        if (!PeersRequest.TryRead(call.Body, out var post, out var fault))
        {
            core.Counters.BatchesRefused++;
            return HttpResponses.Line(422, fault.ToString());
        }
        var verdict = batches.Judge(post, core.Now);
        if (verdict.Status != 200)
        {
            core.Counters.BatchesRefused++;
            return HttpResponses.Line(verdict.Status, verdict.Line);
        }
        core.Counters.BatchesTaken++;
        var unplants = new List<SignedItem>();
        var ended = verdict.NotHeld.Where(not => not.Reason == NotHeldReason.Unplanted);
        foreach (var (order, _) in ended.Take(PeersResponse.MaxUnplants))
        {
            if (await desk.UnplantOfAsync(order, stop) is { } unplant)
            {
                unplants.Add(unplant);
            }
        }
        return HttpResponses.Bencoded(200, new PeersResponse(core.Boot, verdict.NotHeld, unplants).Write());
    }

    private static bool TryHex(string text, out byte[] bytes)
    {
        var fine =
            text.Length <= 2 * NetworkLimits.MaxNonceBytes && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit);
        bytes = fine ? Convert.FromHexString(text) : [];
        return fine;
    }
}
