using System.Net;
using System.Text;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>What a supernode shows to people and to their monitors: the directory page, the metrics, the health.</summary>
internal sealed class SupernodePages(SupernodeCore core, RecordDesk records)
{
    // A page of some thousand rows helps nobody; /records has them all.
    private const int MaxRows = 500;
    private const int MaxFormBytes = 2_048;

    public HttpReply Directory() => Replies.Html(200, Page("Directory", DirectoryBody()));

    /// <summary>The form: the url of a node or supernode, whose record is fetched, proven and taken.</summary>
    public async Task<HttpReply> SubmitAsync(HttpCall call, CancellationToken stop)
    {
        if (call.Body.Length > MaxFormBytes)
        {
            return Replies.Html(413, Page("Not taken", Notice("This form is too long.", good: false)));
        }
        var form = new Query(Encoding.UTF8.GetString(call.Body.Span), isForm: true);
        var url = form.Text("url") ?? "";
        if (url.Trim().Length == 0)
        {
            return Replies.Html(
                422,
                Page("Not taken", Notice("Write the address of a node or supernode.", good: false))
            );
        }
        var (record, failure) = await records.SubmitAsync(call.From, url, stop);
        if (failure is not null)
        {
            return Replies.Html(422, Page("Not taken", Notice($"{url.Trim()} was not taken: {failure}", good: false)));
        }
        var role = record!.Item.Role == NodeRole.Node ? "node" : "supernode";
        return Replies.Html(
            200,
            Page(
                "Taken",
                Notice($"The {role} at {record.Item.Urls[0]} answered and is in the directory now.", good: true)
            )
        );
    }

    public HttpReply Health()
    {
        var now = core.Now;
        var alive = core.Directory.Live(NodeRole.Node, now).Count();
        return Replies.Text(200, core.Directory.SuspectsItself ? $"cut off? {alive} nodes kept" : $"ok, {alive} nodes");
    }

    public HttpReply Metrics()
    {
        var now = core.Now;
        var text = new StringBuilder();
        void Write(string name, string kind, string help, double value)
        {
            text.Append("# HELP anatomic_supernode_").Append(name).Append(' ').Append(help).Append('\n');
            text.Append("# TYPE anatomic_supernode_").Append(name).Append(' ').Append(kind).Append('\n');
            text.Append("anatomic_supernode_").Append(name).Append(' ').Append(value).Append('\n');
        }
        Write("nodes", "gauge", "Nodes that answer.", Alive(NodeRole.Node, now));
        Write("supernodes", "gauge", "Other supernodes that answer.", Alive(NodeRole.Supernode, now));
        Write("members", "gauge", "Nodes and supernodes known, dead ones included.", core.Directory.Count);
        Write("index_entries", "gauge", "Pairs of swarm and holder.", core.Index.Count);
        Write(
            "suspects_itself",
            "gauge",
            "1 while more than half of the nodes vanished at once.",
            core.Directory.SuspectsItself ? 1 : 0
        );
        Write("requests_total", "counter", "Requests answered.", core.Counters.Requests);
        Write("redirects_total", "counter", "Announces and scrapes sent on to a holder.", core.Counters.Redirects);
        Write(
            "unknown_total",
            "counter",
            "Announces and scrapes of torrents that nobody holds.",
            core.Counters.Unknown
        );
        Write("lookups_total", "counter", "Lookups answered.", core.Counters.Lookups);
        Write("hops_total", "counter", "Lookups passed on to other supernodes.", core.Counters.Hops);
        Write("polls_answered_total", "counter", "Polls that were answered.", core.Counters.PollsAnswered);
        Write("polls_missed_total", "counter", "Polls that were not.", core.Counters.PollsMissed);
        Write("records_refused_total", "counter", "Records that were not taken.", core.Counters.RecordsRefused);
        Write(
            "orders_refused_total",
            "counter",
            "Entries of manifests that were not indexed.",
            core.Counters.OrdersRefused
        );
        return HttpReply.Of(200, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(text.ToString()));
    }

    private int Alive(NodeRole role, DateTimeOffset now) =>
        core.Directory.Live(role, now).Count(member => core.Directory.LivenessOf(member, now) == Liveness.Alive);

    private string DirectoryBody()
    {
        var now = core.Now;
        var body = new StringBuilder();
        body.Append("<p class=lead>A supernode of the network <b>")
            .Append(Safe(core.Network.Name.Text))
            .Append("</b>. ");
        body.Append("It knows which nodes hold which torrent, and sends BitTorrent clients on to one of them.</p>");
        body.Append("<dl class=figures>");
        Figure(body, Alive(NodeRole.Node, now), "nodes");
        Figure(body, Alive(NodeRole.Supernode, now) + 1, "supernodes");
        Figure(body, core.Index.Count, "plants");
        Figure(body, core.Counters.Redirects, "redirects");
        body.Append("</dl>");
        if (core.Directory.SuspectsItself)
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
        Form(body, "A node", "https://node.example.org/");
        Form(body, "A supernode", "https://supernode.example.org/");
        body.Append(
            "</div><p class=small>The address is asked for its signed record, and its answer is checked. Nothing else is needed.</p>"
        );
        body.Append("<p class=small>This supernode's id: <code>").Append(core.Id).Append("</code></p>");
        return body.ToString();
    }

    private static void Figure(StringBuilder body, long value, string name) =>
        body.Append("<div><dt>").Append(name).Append("</dt><dd>").Append($"{value:N0}").Append("</dd></div>");

    private static void Form(StringBuilder body, string label, string example) =>
        body.Append("<form method=post action=submit><label>")
            .Append(label)
            .Append("<input name=url type=url required maxlength=400 placeholder=\"")
            .Append(example)
            .Append("\"></label><button>Submit</button></form>");

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
                .Append(Safe(member.Record.Item.Urls[0].AbsoluteUri));
            body.Append("\">").Append(Safe(member.Record.Item.Urls[0].AbsoluteUri)).Append("</a>");
            body.Append("<td class=").Append(liveness == Liveness.Alive ? "good" : "bad").Append('>').Append(state);
            body.Append("<td>")
                .Append(Span(now - member.KnownSince))
                .Append("<td>")
                .Append(core.Index.CountOf(member.Id));
            body.Append("<td>").Append(Safe(member.Record.Item.Software)).Append("<td><code>").Append(member.Id.Short);
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
        $"<p class=\"notice {(good ? "good" : "bad")}\">{Safe(text)}</p><p><a href=\"./\">To the directory</a></p>";

    private static string Safe(string text) => WebUtility.HtmlEncode(text);

    private static string Page(string title, string body) =>
        $"""
            <!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width,initial-scale=1">
            <title>{title} · Anatomic supernode</title><style>{Style}</style></head>
            <body><main><h1>Anatomic supernode</h1>{body}</main></body></html>
            """;

    private const string Style =
        ":root{color-scheme:light dark;--ink:light-dark(#1c2430,#e6e9ee);--soft:light-dark(#5a6675,#9aa6b5);"
        + "--paper:light-dark(#fbfbfc,#14181d);--card:light-dark(#fff,#1b2027);--line:light-dark(#dde2e8,#2c343e);"
        + "--accent:light-dark(#0b6e6e,#5fc9c4);--good:light-dark(#1d7a3e,#6fd08f);--bad:light-dark(#a4461f,#f0a07c)}"
        + "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}"
        + "main{max-width:64rem;margin:auto;padding:2rem 1rem 4rem}h1{margin:0;font-size:1.7rem}h2{margin:2rem 0 .6rem;font-size:1.15rem}"
        + ".lead{color:var(--soft);margin:.3rem 0 1.4rem}.small{color:var(--soft);font-size:.9rem}a{color:var(--accent)}"
        + ".figures{display:flex;flex-wrap:wrap;gap:.8rem;margin:0}.figures div{background:var(--card);border:1px solid var(--line);"
        + "border-radius:.6rem;padding:.7rem 1.1rem;min-width:7rem}.figures dt{color:var(--soft);font-size:.85rem}"
        + ".figures dd{margin:0;font-size:1.5rem;font-variant-numeric:tabular-nums}.wide{overflow-x:auto}"
        + "table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line)}"
        + "th,td{text-align:left;padding:.45rem .7rem;border-bottom:1px solid var(--line);white-space:nowrap}"
        + "th{color:var(--soft);font-weight:600;font-size:.85rem}.good{color:var(--good)}.bad{color:var(--bad)}"
        + ".notice{background:var(--card);border:1px solid currentColor;border-radius:.6rem;padding:.8rem 1.1rem}"
        + ".forms{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1rem}form{background:var(--card);"
        + "border:1px solid var(--line);border-radius:.6rem;padding:1rem}label{display:block;font-weight:600}"
        + "input{display:block;width:100%;box-sizing:border-box;margin:.4rem 0 .8rem;padding:.5rem;font:inherit;color:inherit;"
        + "background:var(--paper);border:1px solid var(--line);border-radius:.4rem}button{font:inherit;padding:.5rem 1.1rem;border:0;"
        + "border-radius:.4rem;background:var(--accent);color:var(--paper);cursor:pointer}code{font-size:.9em;overflow-wrap:anywhere}";
}
