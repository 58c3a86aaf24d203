using System.Net;
using System.Text;

namespace Anatomic.Federation.Pages;

/// <summary>
/// The HTML frame of the pages of nodes and supernodes: one document without pictures or external content, light or
/// dark as the reader's system prefers.
/// </summary>
internal static class Page
{
    /// <summary>The content security policy of a page that runs and loads nothing.</summary>
    public const string StaticPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    // Contrast is 7:1 for texts on both backgrounds in either scheme, and 3:1 for edges and graphs (WCAG 2.2, 1.4.6 and
    // 1.4.11). A test computes it.
    private const string Style =
        ":root{color-scheme:light dark;--ink:light-dark(#1c2430,#e6e9ee);--soft:light-dark(#4b5563,#a4afbd);"
        + "--paper:light-dark(#fbfbfc,#14181d);--card:light-dark(#fff,#1b2027);--line:light-dark(#dde2e8,#2c343e);"
        + "--edge:light-dark(#7d8896,#6c7887);"
        + "--accent:light-dark(#0a5c5c,#5fc9c4);--second:light-dark(#a05a00,#e8b15c);"
        + "--good:light-dark(#17602f,#6fd08f);--bad:light-dark(#8c3a18,#f0a07c)}"
        + "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}"
        + "main{max-width:64rem;margin:auto;padding:2rem 1rem 4rem}h1{margin:0;font-size:1.7rem}h2{margin:2rem 0 .6rem;"
        + "font-size:1.15rem}"
        + ".lead{color:var(--soft);margin:.3rem 0 1.4rem}.small{color:var(--soft);font-size:.9rem}a{"
        + "color:var(--accent)}"
        + ":focus-visible{outline:2px solid var(--accent);outline-offset:2px}"
        + ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(13rem,44%),1fr));gap:.8rem;margin:0}"
        + ".figures div{background:var(--card);border:1px solid var(--line);"
        + "border-radius:.6rem;padding:.7rem 1.1rem}.figures dt{color:var(--soft);font-size:.85rem}"
        + ".figures dd{margin:0;font-size:1.5rem;font-variant-numeric:tabular-nums}.wide{overflow-x:auto}"
        + "table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line)}"
        + "th,td{text-align:left;padding:.45rem .7rem;border-bottom:1px solid var(--line);white-space:nowrap}"
        + "th{color:var(--soft);font-weight:600;font-size:.85rem}.good{color:var(--good)}.bad{color:var(--bad)}"
        + ".notice{background:var(--card);border:1px solid currentColor;border-radius:.6rem;padding:.8rem 1.1rem}"
        + ".forms{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1rem}form{"
        + "background:var(--card);"
        + "border:1px solid var(--line);border-radius:.6rem;padding:1rem}label{display:block;font-weight:600}"
        + "input{display:block;width:100%;box-sizing:border-box;margin:.4rem 0 .8rem;padding:.5rem;font:inherit;"
        + "font-weight:400;color:inherit;"
        + "background:var(--paper);border:1px solid var(--edge);border-radius:.4rem}::placeholder{color:var(--soft);"
        + "opacity:1}button{font:inherit;padding:.5rem 1.1rem;border:0;"
        + "border-radius:.4rem;background:var(--accent);color:var(--paper);cursor:pointer}code{font-size:.9em;"
        + "overflow-wrap:anywhere}"
        + GraphStyle;

    private const string GraphStyle =
        ".bar{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 1rem;justify-content:space-between}nav a{"
        + "margin-left:1rem}"
        + "nav a[aria-current]{color:inherit;font-weight:600;text-decoration:none}"
        + ".graphs{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:.8rem}"
        + "figcaption b{display:block}.key b{display:inline}.graph{display:flex;flex-direction:column;margin:0;"
        + "background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.7rem 1rem}"
        + ".graph svg{display:block;width:100%;height:6rem;margin:auto 0 .2rem;padding-top:.5rem;"
        + "border-bottom:1px solid var(--line)}"
        + ".graph path{vector-effect:non-scaling-stroke;stroke-width:1.5;stroke:var(--its);fill:none;"
        + "stroke-linejoin:round}"
        + ".graph .area{fill:var(--its);fill-opacity:.25}.s0{--its:var(--accent)}.s1{--its:var(--second)}"
        + ".key{color:var(--soft);font-size:.85rem;margin-right:.8rem;white-space:nowrap}.key b{color:var(--ink);"
        + "font-variant-numeric:tabular-nums}"
        + ".key i{display:inline-block;width:.7em;height:.7em;border-radius:.15em;margin-right:.35em;"
        + "background:var(--its)}"
        + ".axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.8rem}";

    /// <summary>The whole document.</summary>
    /// <param name="title">The title of the browser's window.</param>
    /// <param name="heading">The heading: what this server is.</param>
    /// <param name="body">The content, as HTML.</param>
    public static string Of(string title, string heading, string body) =>
        $"""
            <!doctype html><html lang=en><head><meta charset=utf-8>
            <meta name=viewport content="width=device-width,initial-scale=1">
            <title>{title}</title><style>{Style}</style></head>
            <body><main><h1>{heading}</h1>{body}</main></body></html>
            """;

    /// <summary>Appends a row of numbers with their names.</summary>
    /// <param name="figures">Each with the key by which a script updates it.</param>
    public static StringBuilder Figures(
        this StringBuilder body,
        params IEnumerable<(string Key, long Value, string Name)> figures
    )
    {
        body.Append("<dl class=figures>");
        foreach (var (key, value, name) in figures)
        {
            body.Append($"<div><dt>{name}</dt><dd data-figure={key}>{value:N0}</dd></div>");
        }
        return body.Append("</dl>");
    }

    /// <summary>Escapes text for HTML.</summary>
    public static string Safe(string text) => WebUtility.HtmlEncode(text);
}
