using System.Text;
using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Pages;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>What a supernode shows to people and to their monitors: the directory page, the metrics, the health.</summary>
internal sealed class SupernodePages(SupernodeCore core, RecordHandler records)
{
    // A page of some thousand rows helps nobody; /records has them all.
    private const int MaxRows = 500;

    public HttpResponse Directory() => HttpResponses.Html(200, Framed("Directory", DirectoryBody()));

    /// <summary>The form: the url of a node or supernode, whose record is fetched, proven and taken.</summary>
    public async Task<HttpResponse> SubmitAsync(InboundRequest call, CancellationToken stop)
    {
        if (call.Body.Length > FederationLimits.MaxFormBytes)
        {
            return HttpResponses.Html(413, Framed("Not taken", Notice("This form is too long.", good: false)));
        }
        var form = new Query(Encoding.UTF8.GetString(call.Body.Span), isForm: true);
        var url = form.Text("url") ?? "";
        if (url.Trim().Length == 0)
        {
            return HttpResponses.Html(
                422,
                Framed("Not taken", Notice("Write the address of a node or supernode.", good: false))
            );
        }
        var (record, failure) = await records.SubmitAsync(call.From, url, stop);
        if (failure is not null)
        {
            return HttpResponses.Html(
                422,
                Framed("Not taken", Notice($"{url.Trim()} was not taken: {failure}", good: false))
            );
        }
        var role = record!.Item.Role == NodeRole.Node ? "node" : "supernode";
        return HttpResponses.Html(
            200,
            Framed(
                "Taken",
                Notice($"The {role} at {record.Item.Urls[0]} answered and is in the directory now.", good: true)
            )
        );
    }

    public HttpResponse Health()
    {
        var now = core.Now;
        var alive = core.Directory.Live(NodeRole.Node, now).Count();
        return HttpResponses.Text(
            200,
            core.Directory.IsIsolated ? $"cut off? {alive} nodes kept" : $"ok, {alive} nodes"
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
            Metric.Gauge("anatomic_uptime_seconds", "Since the start.", (now - counters.Started).TotalSeconds),
            Gauge("nodes", "Nodes that answer.", Alive(NodeRole.Node, now)),
            Gauge("supernodes", "Other supernodes that answer.", Alive(NodeRole.Supernode, now)),
            Gauge("members", "Nodes and supernodes known, dead ones included.", core.Directory.Count),
            Gauge("index_entries", "Pairs of swarm and holder.", core.Index.Count),
            Gauge(
                "suspects_itself",
                "1 while more than half of the nodes vanished at once.",
                core.Directory.IsIsolated ? 1 : 0
            ),
            Counter("requests", "Requests answered.", counters.Requests),
            Counter("redirects", "Announces and scrapes sent on to a holder.", counters.Redirects),
            Counter("unknown", "Announces and scrapes of torrents that nobody holds.", counters.Unknown),
            Counter("lookups", "Lookups answered.", counters.Lookups),
            Counter("hops", "Lookups passed on to other supernodes.", counters.Hops),
            Counter("polls_answered", "Polls that were answered.", counters.PollsAnswered),
            Counter("polls_missed", "Polls that were not.", counters.PollsMissed),
            Counter("records_refused", "Records that were not taken.", counters.RecordsRejected),
            Counter("orders_refused", "Entries of manifests that were not indexed.", counters.OrdersRejected),
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
        body.Append("It knows which nodes hold which torrent, and sends BitTorrent clients on to one of them.</p>");
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
                    "Most nodes vanished at once, so this supernode may be cut off itself; it keeps what it knew.",
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
            "</div><p class=small>The address is asked for its signed record, and its answer is checked. Nothing else is needed.</p>"
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
            "<div class=wide><table><thead><tr><th>Address<th>State<th>Known for<th>Plants<th>Software<th>Id</tr></thead><tbody>"
        );
        foreach (var member in members.Take(MaxRows))
        {
            var liveness = core.Directory.LivenessOf(member, now);
            var onProbation = role == NodeRole.Node && core.Directory.IsOnProbation(member, now);
            var state = liveness switch
            {
                Liveness.Dead => "silent",
                Liveness.Doubtful => "in doubt",
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
                .Append(" more, in <a href=records>the whole list</a>.</p>");
        }
    }

    private static string Span(TimeSpan span) =>
        span.TotalDays >= 1 ? $"{span.TotalDays:0} d"
        : span.TotalHours >= 1 ? $"{span.TotalHours:0} h"
        : $"{Math.Max(0, span.TotalMinutes):0} min";

    private static string Notice(string text, bool good) =>
        $"<p class=\"notice {(good ? "good" : "bad")}\">{Page.Safe(text)}</p><p><a href=\"./\">To the directory</a></p>";

    private static string Framed(string title, string body) =>
        Page.Of($"{title} · Anatomic supernode", "Anatomic supernode", body);
}
