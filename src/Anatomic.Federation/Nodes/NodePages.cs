using System.Globalization;
using System.Net;
using System.Text;

namespace Anatomic.Federation.Nodes;

/// <summary>What a node shows to people and to their monitoring: numbers, never addresses.</summary>
internal sealed class NodePages(NodeCore core)
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1c2430; --dim: #5b6675; --paper: #f6f7f9; --card: #fff; --line: #dfe3e8; --good: #177245; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e7ebf0; --dim: #9aa5b3; --paper: #12161c; --card: #1b212a; --line: #2c3540; --good: #5ed39b; --bad: #ff8a80; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem; }
        h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
        p { margin: .25rem 0; } .dim { color: var(--dim); } .good { color: var(--good); } .bad { color: var(--bad); }
        ul { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; padding: 0; margin: 1.5rem 0; }
        li { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; }
        li b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; } li span { color: var(--dim); font-size: .9rem; }
        code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; background: var(--card); border: 1px solid var(--line); border-radius: .3rem; padding: .1rem .35rem; }
        """;

    public string Status()
    {
        var figures = core.Options.TrackerFigures();
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
        page.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.Append("<title>Anatomic node</title><style>").Append(Style).Append("</style></head><body><main>");
        page.Append("<h1>Anatomic node</h1><p class=\"dim\">A BitTorrent tracker of the network <b>");
        page.Append(Escape(core.Options.Network.Name.Text)).Append("</b>, up for ").Append(Uptime());
        page.Append(". ").Append(Escape(core.Options.Software)).Append("</p>").Append(Standing());
        page.Append("<ul>");
        Number(page, core.Ledger.Count, "torrents planted");
        Number(page, figures.Swarms, "swarms with peers");
        Number(page, figures.Peers, "peers");
        Number(page, figures.Announces, "announces since the start");
        Number(page, core.Book.Partners.Count(partner => partner.IsHolder), "fellow holders");
        Number(page, core.Registration.TakenBy, "supernodes that list it");
        page.Append("</ul><h2>Use it</h2>");
        page.Append(
            core.Options.Open
                ? "<p>This tracker serves every torrent.</p>"
                : "<p>This tracker serves the torrents that are planted on it. Plant one with <code>anatomic plant</code>.</p>"
        );
        if (core.Registration.Record is { } record)
        {
            foreach (var url in record.Item.Urls)
            {
                page.Append("<p><code>").Append(Escape(url.AbsoluteUri)).Append("announce</code></p>");
            }
            if (record.Item.UdpPort > 0)
            {
                var host = Escape(record.Item.Urls[0].Host);
                page.Append($"<p><code>udp://{host}:{record.Item.UdpPort}/announce</code></p>");
            }
        }
        page.Append("<h2>Who it is</h2><p><code>").Append(core.Id).Append("</code></p>");
        page.Append("<p class=\"dim\">Numbers for monitoring are at <a href=\"metrics\">metrics</a>.</p>");
        return page.Append("</main></body></html>").ToString();
    }

    public string Metrics()
    {
        var text = new StringBuilder();
        var counters = core.Counters;
        Metric(text, "anatomic_node_plants", "gauge", "Orders held.", core.Ledger.Count);
        Metric(text, "anatomic_node_orders_taken_total", "counter", "Orders taken.", counters.OrdersTaken);
        Metric(text, "anatomic_node_orders_refused_total", "counter", "Orders refused.", counters.OrdersRefused);
        var holders = core.Book.Partners.Count(partner => partner.IsHolder);
        Metric(text, "anatomic_node_partners", "gauge", "Nodes that hold an order together with this one.", holders);
        Metric(text, "anatomic_node_partners_lost_total", "counter", "Partners found dead.", counters.PartnersLost);
        Metric(text, "anatomic_node_carries_total", "counter", "Orders carried to fill a gap.", counters.Carries);
        Metric(text, "anatomic_node_batches_sent_total", "counter", "Batches that arrived.", counters.BatchesSent);
        Metric(text, "anatomic_node_batches_failed_total", "counter", "Batches that did not.", counters.BatchesFailed);
        Metric(text, "anatomic_node_batches_taken_total", "counter", "Batches of partners.", counters.BatchesTaken);
        Metric(text, "anatomic_node_batches_refused_total", "counter", "Batches refused.", counters.BatchesRefused);
        Metric(text, "anatomic_node_manifest_polls_total", "counter", "Polls of the manifest.", counters.ManifestPolls);
        var taken = core.Registration.TakenBy;
        Metric(text, "anatomic_node_supernodes", "gauge", "Supernodes that took the record.", taken);
        return text.Append(core.Options.TrackerMetrics()).ToString();
    }

    private string Standing()
    {
        if (core.Options.Supernodes.Count == 0)
        {
            return "<p class=\"bad\">It knows no supernode, so nobody can find it. Start it with --supernode URL#id.</p>";
        }
        if (core.Registration.TakenBy > 0)
        {
            return "<p class=\"good\">It is part of the network.</p>";
        }
        var trouble = core.Registration.Trouble ?? "no supernode has answered yet";
        return $"<p class=\"bad\">It is not part of the network yet: {Escape(trouble)}</p>";
    }

    private string Uptime()
    {
        var up = core.Now - core.Counters.Started;
        return up.TotalDays >= 2 ? $"{(int)up.TotalDays} days"
            : up.TotalHours >= 2 ? $"{(int)up.TotalHours} hours"
            : $"{Math.Max(1, (int)up.TotalMinutes)} min";
    }

    private static void Number(StringBuilder page, long number, string what) =>
        page.Append("<li><b>")
            .Append(number.ToString("N0", CultureInfo.InvariantCulture))
            .Append("</b><span>")
            .Append(what)
            .Append("</span></li>");

    private static void Metric(StringBuilder text, string name, string kind, string help, long value) =>
        text.Append($"# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
