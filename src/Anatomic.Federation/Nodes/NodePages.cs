using System.Text;
using Anatomic.Federation.Pages;

namespace Anatomic.Federation.Nodes;

/// <summary>What a node shows to people and to their monitoring: numbers, never addresses.</summary>
internal sealed class NodePages(NodeCore core)
{
    public string Status()
    {
        var figures = core.Options.TrackerFigures();
        var page = new StringBuilder();
        page.Append("<p class=lead>A BitTorrent tracker of the network <b>")
            .Append(Page.Safe(core.Options.Network.Name.Text))
            .Append("</b>, up for ")
            .Append(Uptime())
            .Append(". ")
            .Append(Page.Safe(core.Options.Software))
            .Append("</p>")
            .Append(Standing());
        page.Figures(
            (core.Ledger.Count, "torrents planted"),
            (figures.Swarms, "swarms with peers"),
            (figures.Peers, "peers"),
            (figures.Announces, "announces since the start"),
            (core.Book.Partners.Count(partner => partner.IsHolder), "fellow holders"),
            (core.Registration.TakenBy, "supernodes that list it")
        );
        page.Append("<h2>Use it</h2>");
        page.Append(
            core.Options.Open
                ? "<p>This tracker serves every torrent.</p>"
                : "<p>This tracker serves the torrents that are planted on it. Plant one with <code>anatomic plant</code>.</p>"
        );
        if (core.Registration.Record is { } record)
        {
            foreach (var url in record.Item.Urls)
            {
                page.Append("<p><code>").Append(Page.Safe(url.AbsoluteUri)).Append("announce</code></p>");
            }
            if (record.Item.UdpPort > 0)
            {
                var host = Page.Safe(record.Item.Urls[0].Host);
                page.Append($"<p><code>udp://{host}:{record.Item.UdpPort}/announce</code></p>");
            }
        }
        page.Append("<h2>Who it is</h2><p><code>").Append(core.Id).Append("</code></p>");
        page.Append("<p class=small>Numbers for monitoring are at <a href=\"metrics\">metrics</a>.</p>");
        return Page.Of("Anatomic node", "Anatomic node", page.ToString());
    }

    public string Metrics()
    {
        var text = new StringBuilder();
        var counters = core.Counters;
        text.Metric("anatomic_node_plants", "gauge", "Orders held.", core.Ledger.Count);
        text.Metric("anatomic_node_orders_taken_total", "counter", "Orders taken.", counters.OrdersTaken);
        text.Metric("anatomic_node_orders_refused_total", "counter", "Orders refused.", counters.OrdersRefused.Sum());
        var holders = core.Book.Partners.Count(partner => partner.IsHolder);
        text.Metric("anatomic_node_partners", "gauge", "Nodes that hold an order together with this one.", holders);
        text.Metric("anatomic_node_partners_lost_total", "counter", "Partners found dead.", counters.PartnersLost);
        text.Metric("anatomic_node_carries_total", "counter", "Orders carried to fill a gap.", counters.Carries);
        text.Metric("anatomic_node_batches_sent_total", "counter", "Batches that arrived.", counters.BatchesSent);
        text.Metric("anatomic_node_batches_failed_total", "counter", "Batches that did not.", counters.BatchesFailed);
        text.Metric("anatomic_node_batches_taken_total", "counter", "Batches of partners.", counters.BatchesTaken);
        text.Metric("anatomic_node_batches_refused_total", "counter", "Batches refused.", counters.BatchesRefused);
        text.Metric("anatomic_node_manifest_polls_total", "counter", "Polls of the manifest.", counters.ManifestPolls);
        var taken = core.Registration.TakenBy;
        text.Metric("anatomic_node_supernodes", "gauge", "Supernodes that took the record.", taken);
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
        return $"<p class=\"bad\">It is not part of the network yet: {Page.Safe(trouble)}</p>";
    }

    private string Uptime()
    {
        var up = core.Now - core.Counters.Started;
        return up.TotalDays >= 2 ? $"{(int)up.TotalDays} days"
            : up.TotalHours >= 2 ? $"{(int)up.TotalHours} hours"
            : $"{Math.Max(1, (int)up.TotalMinutes)} min";
    }
}
