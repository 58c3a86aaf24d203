using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Pages;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// A node's status page. It is complete without a script; a small script refreshes it where scripts run. It shows
/// numbers but never other people's addresses.
/// </summary>
internal sealed class StatusPage(NodeCore core)
{
    /// <summary>Updates the numbers, paths and texts of the elements with their keys.</summary>
    private const string Script =
        "'use strict';const stale=document.getElementById('stale');"
        + "const put=(name,values,set)=>{for(const e of document.querySelectorAll(`[data-${name}]`)){"
        + "const v=values[e.dataset[name]];if(v!==undefined)set(e,v)}};"
        + "async function refresh(){if(!document.hidden){try{"
        + "const reply=await fetch('figures'+location.search,{cache:'no-store'});if(!reply.ok)throw reply.status;"
        + "const now=await reply.json();"
        + "put('figure',now.figures,(e,v)=>e.textContent=v.toLocaleString('en'));"
        + "put('path',now.paths,(e,v)=>e.setAttribute('d',v));"
        + "put('text',now.texts,(e,v)=>e.textContent=v);stale.hidden=true}"
        + "catch{stale.hidden=false}}setTimeout(refresh,5000)}setTimeout(refresh,5000)";

    /// <summary>Nothing is loaded from elsewhere, and only the script above runs.</summary>
    public static readonly string Policy =
        "default-src 'none'; style-src 'unsafe-inline'; "
        + $"script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)))}'; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public string Write(HistorySpan span)
    {
        var page = new StringBuilder();
        page.Append("<p class=lead>A BitTorrent tracker of the network <b>")
            .Append(Page.Safe(core.Options.Network.Name.Text))
            .Append("</b>, up for <span data-text=uptime>")
            .Append(Uptime())
            .Append("</span>, running ")
            .Append(Page.Safe(core.Options.Software))
            .Append(".</p>")
            .Append(RegistrationState())
            .Append(
                "<p id=stale class=bad role=alert hidden>The node does not answer; these are its last figures.</p>"
            );
        page.Figures(Figures());
        Graphs(page, span);
        Usage(page);
        page.Append("<h2>Identity</h2><p><code>").Append(core.Id).Append("</code></p>");
        page.Append("<p class=small>Metrics for monitoring are at <a href=metrics>/metrics</a>.</p>");
        page.Append("<script>").Append(Script).Append("</script>");
        return Page.Of("Anatomic node", "Anatomic node", page.ToString());
    }

    /// <summary>
    /// The script's data: <c>{figures: {name: number}, texts: {name: text}, paths: {name: path}}</c>.
    /// </summary>
    public byte[] WriteFigures(HistorySpan span)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("figures");
            foreach (var (key, value, _) in Figures())
            {
                json.WriteNumber(key, value);
            }
            json.WriteEndObject();
            var graphs = NodeGraphs.Of(core.History, span);
            json.WriteStartObject("texts");
            json.WriteString("uptime", Uptime());
            foreach (var (key, text) in graphs.SelectMany(graph => graph.Texts))
            {
                json.WriteString(key, text);
            }
            json.WriteEndObject();
            json.WriteStartObject("paths");
            foreach (var (key, path) in graphs.SelectMany(graph => graph.Paths))
            {
                json.WriteString(key, path);
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private IReadOnlyList<(string Key, long Value, string Name)> Figures()
    {
        var tracker = core.Options.Tracker();
        return
        [
            ("plants", core.Ledger.Count, "torrents planted"),
            ("swarms", tracker.Swarms, "swarms"),
            ("seeds", tracker.Seeds, "seeds"),
            ("leeches", tracker.Leechers, "leeches"),
            ("shared", tracker.SharedPeers, "peers shared by partners"),
            ("announces", tracker.HttpAnnounces + tracker.UdpAnnounces, "announces since the start"),
            ("holders", core.Sharing.Partners.Count(partner => partner.IsHolder), "partners"),
            ("supernodes", core.Registration.AcceptedBy, "supernodes that list it"),
        ];
    }

    private void Graphs(StringBuilder page, HistorySpan span)
    {
        page.Append("<div class=bar><h2>Recent activity</h2><nav aria-label=\"Time span\">");
        foreach (var (query, text, target) in Spans)
        {
            var current = target == span ? " aria-current=page" : "";
            page.Append($"<a href=\"{query}\"{current}>{text}</a>");
        }
        page.Append("</nav></div><div class=graphs>");
        foreach (var graph in NodeGraphs.Of(core.History, span))
        {
            graph.Write(page, span == HistorySpan.Minutes ? "5 minutes ago" : "an hour ago");
        }
        page.Append("</div>");
    }

    private static readonly (string Query, string Text, HistorySpan Span)[] Spans =
    [
        ("./", "5 minutes", HistorySpan.Minutes),
        ("./?span=hour", "an hour", HistorySpan.Hour),
    ];

    private void Usage(StringBuilder page)
    {
        page.Append("<h2>How to use it</h2>");
        page.Append(
            core.Options.Open
                ? "<p>This tracker serves every torrent.</p>"
                : "<p>This tracker serves torrents that are planted on it. "
                    + "Plant one with <code>anatomic plant</code>.</p>"
        );
        if (core.Registration.Record is not { } record)
        {
            return;
        }
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

    private string RegistrationState()
    {
        if (core.Options.Supernodes.Count == 0)
        {
            return "<p class=bad>No supernode is configured, so nobody can find this node. "
                + "Start it with --supernode URL#id.</p>";
        }
        if (core.Registration.AcceptedBy > 0)
        {
            return "<p class=good>It is part of the network.</p>";
        }
        var error = core.Registration.LastError ?? "no supernode has answered yet";
        return $"<p class=bad>It is not part of the network yet: {Page.Safe(error)}</p>";
    }

    private string Uptime()
    {
        var up = core.Now - core.Counters.StartedAt;
        return up.TotalDays >= 2 ? $"{(int)up.TotalDays} days"
            : up.TotalHours >= 2 ? $"{(int)up.TotalHours} hours"
            : $"{Math.Max(1, (int)up.TotalMinutes)} min";
    }
}
