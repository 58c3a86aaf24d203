using System.Text;
using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Pages;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// A supernode's pages and monitoring: the directory page, the submit form, the metrics and the health check.
/// </summary>
internal sealed class SupernodePages(SupernodeCore core, RecordHandler records)
{
    // Thousands of rows make no useful page; /records has all members.
    private const int MaxRows = 500;

    public HttpResponse Directory() => HttpResponses.Html(200, Framed("Directory", DirectoryBody()));

    /// <summary>Handles the form: fetches the record of the submitted URL, proves it and admits it.</summary>
    public async Task<HttpResponse> SubmitAsync(InboundRequest request, CancellationToken stop)
    {
        if (request.Body.Length > FederationLimits.MaxFormBytes)
        {
            return HttpResponses.Html(413, Framed("Not added", Notice("The form is too long.", good: false)));
        }
        var form = new Query(Encoding.UTF8.GetString(request.Body.Span), isForm: true);
        var url = form.Text("url") ?? "";
        if (url.Trim().Length == 0)
        {
            return HttpResponses.Html(
                422,
                Framed("Not added", Notice("Enter the URL of a node or supernode.", good: false))
            );
        }
        var (record, failure) = await records.SubmitAsync(request.From, url, stop);
        if (failure is not null)
        {
            return HttpResponses.Html(
                422,
                Framed("Not added", Notice($"{url.Trim()} was not added: {failure}", good: false))
            );
        }
        var role = record!.Item.Role == NodeRole.Node ? "node" : "supernode";
        return HttpResponses.Html(
            200,
            Framed(
                "Added",
                Notice($"The {role} at {record.Item.Urls[0]} answered and is now in the directory.", good: true)
            )
        );
    }

    public HttpResponse Health()
    {
        var now = core.Now;
        var alive = core.Directory.Live(NodeRole.Node, now).Count();
        return HttpResponses.Text(
            200,
            core.Directory.IsIsolated ? $"isolated? {alive} nodes kept" : $"ok, {alive} nodes"
        );
    }

    public IReadOnlyList<Metric> Metrics()
    {
        var (now, counters) = (core.Now, core.Counters);
        static Metric Gauge(string name, string help, double value) =>
            Metric.Gauge($"anatomic_supernode_{name}", help, value);
        static Metric Counter(string name, string help, double value) =>
            Metric.Counter($"anatomic_supernode_{name}_total", help, value);
        return
        [
            Metric.Gauge("anatomic_uptime_seconds", "Time since the start.", (now - counters.StartedAt).TotalSeconds),
            Gauge("nodes", "Nodes that answer.", Alive(NodeRole.Node, now)),
            Gauge("supernodes", "Other supernodes that answer.", Alive(NodeRole.Supernode, now)),
            Gauge("members", "Known nodes and supernodes, including dead ones.", core.Directory.Count),
            Gauge("index_entries", "Pairs of swarm and holder.", core.Index.Count),
            Gauge(
                "suspects_itself",
                "1 while the supernode assumes that it is cut off, because most nodes vanished at once.",
                core.Directory.IsIsolated ? 1 : 0
            ),
            Counter("requests", "Requests answered.", counters.Requests),
            Counter("redirects", "Announces and scrapes redirected to a holder.", counters.Redirects),
            Counter("unknown", "Announces and scrapes of torrents without a live holder.", counters.Unknown),
            Counter("lookups", "Lookups answered.", counters.Lookups),
            Counter("hops", "Lookups forwarded to other supernodes.", counters.Hops),
            Counter("polls_answered", "Polls answered.", counters.PollsAnswered),
            Counter("polls_missed", "Polls missed.", counters.PollsMissed),
            Counter("records_refused", "Records rejected.", counters.RecordsRejected),
            Counter("orders_refused", "Manifest entries rejected by the index.", counters.OrdersRejected),
            .. core.Options.MoreMetrics(),
        ];
    }

    private int Alive(NodeRole role, DateTimeOffset now) =>
        core.Directory.Live(role, now).Count(member => core.Directory.LivenessOf(member, now) == Liveness.Alive);

    private string DirectoryBody()
    {
        var now = core.Now;
        var body = new StringBuilder();
        body.Append("<p class=lead>A supernode of the network <b>")
            .Append(Page.Safe(core.Network.Name.Text))
            .Append("</b>. ");
        body.Append("It knows which nodes hold which torrent, and redirects BitTorrent clients to them.</p>");
        body.Figures(
            ("nodes", Alive(NodeRole.Node, now), "nodes"),
            ("supernodes", Alive(NodeRole.Supernode, now) + 1, "supernodes"),
            ("entries", core.Index.Count, "entries in the index"),
            ("redirects", core.Counters.Redirects, "redirects")
        );
        if (core.Directory.IsIsolated)
        {
            body.Append(
                Notice(
                    "Most nodes vanished at once, so this supernode may be cut off itself. It keeps its directory.",
                    good: false
                )
            );
        }
        Table(body, "Nodes", NodeRole.Node, now);
        Table(body, "Other supernodes", NodeRole.Supernode, now);
        body.Append("<h2>Add yours</h2><div class=forms>");
        Form(body, "node", "https://node.example.org/");
        Form(body, "supernode", "https://supernode.example.org/");
        body.Append(
            "</div><p class=small>This supernode fetches the signed record from that URL and verifies it. "
                + "You need to do nothing else.</p>"
        );
        body.Append("<p class=small>This supernode's id: <code>").Append(core.Id).Append("</code></p>");
        return body.ToString();
    }

    private static void Form(StringBuilder body, string role, string example) =>
        body.Append("<form method=post action=submit><label>A ")
            .Append(role)
            .Append("<input name=url type=url required maxlength=400 placeholder=\"")
            .Append(example)
            .Append("\"></label><button>Add the ")
            .Append(role)
            .Append("</button></form>");

    private void Table(StringBuilder body, string title, NodeRole role, DateTimeOffset now)
    {
        var members = core.Directory.All.Where(member => member.Role == role && member.LastAnswer != default).ToArray();
        body.Append("<h2>").Append(title).Append("</h2>");
        if (members.Length == 0)
        {
            body.Append("<p class=small>None yet.</p>");
            return;
        }
        body.Append(
            "<div class=wide><table><thead><tr><th>Address<th>State<th>Known for<th>Plants<th>Software<th>Id"
                + "</tr></thead><tbody>"
        );
        foreach (var member in members.Take(MaxRows))
        {
            var liveness = core.Directory.LivenessOf(member, now);
            var onProbation = role == NodeRole.Node && core.Directory.IsOnProbation(member, now);
            var state = liveness switch
            {
                Liveness.Dead => "dead",
                Liveness.Doubtful => "doubtful",
                _ => onProbation ? "alive, on probation" : "alive",
            };
            body.Append("<tr><td><a rel=\"nofollow noreferrer\" href=\"")
                .Append(Page.Safe(member.Record.Item.Urls[0].AbsoluteUri));
            body.Append("\">").Append(Page.Safe(member.Record.Item.Urls[0].AbsoluteUri)).Append("</a>");
            body.Append("<td class=").Append(liveness == Liveness.Alive ? "good" : "bad").Append('>').Append(state);
            body.Append("<td>")
                .Append(Span(now - member.KnownSince))
                .Append("<td>")
                .Append(core.Index.CountOf(member.Id));
            body.Append("<td>")
                .Append(Page.Safe(member.Record.Item.Software))
                .Append("<td><code>")
                .Append(member.Id.Short);
            body.Append("…</code></tr>");
        }
        body.Append("</tbody></table></div>");
        if (members.Length > MaxRows)
        {
            body.Append("<p class=small>And ")
                .Append(members.Length - MaxRows)
                .Append(" more in the <a href=records>full list</a>.</p>");
        }
    }

    private static string Span(TimeSpan span) =>
        span.TotalDays >= 1 ? $"{span.TotalDays:0} d"
        : span.TotalHours >= 1 ? $"{span.TotalHours:0} h"
        : $"{Math.Max(0, span.TotalMinutes):0} min";

    private static string Notice(string text, bool good) =>
        $"<p class=\"notice {(good ? "good" : "bad")}\">{Page.Safe(text)}</p>"
        + "<p><a href=\"./\">Back to the directory</a></p>";

    private static string Framed(string title, string body) =>
        Page.Of($"{title} · Anatomic supernode", "Anatomic supernode", body);
}
