using System.Globalization;
using System.Text;

namespace Anatomic.Federation.Pages;

/// <summary>
/// A small SVG graph that needs no script. The newest value is at the right edge; the vertical axis goes from 0 to the
/// highest value shown. Areas are stacked, lines are not.
/// </summary>
internal sealed class Graph
{
    private const int Width = 300;
    private const int Height = 60;

    // A margin, so that a line at the top is not cut off.
    private const int Top = 3;

    private readonly string id;
    private readonly string title;
    private readonly bool stacked;
    private readonly int slots;
    private readonly Func<double, string> format;
    private readonly List<(string Name, IReadOnlyList<double?> Values)> series = [];

    /// <param name="id">The prefix of its elements' ids; one word.</param>
    /// <param name="stacked">Whether to draw stacked areas instead of lines.</param>
    /// <param name="slots">The number of values from edge to edge.</param>
    /// <param name="format">Formats a value for people.</param>
    public Graph(string id, string title, bool stacked, int slots, Func<double, string> format)
    {
        (this.id, this.title, this.stacked) = (id, title, stacked);
        (this.slots, this.format) = (slots, format);
    }

    /// <summary>The SVG path of each series, under its key in <c>/figures</c>.</summary>
    public IEnumerable<(string Key, string Path)> Paths
    {
        get
        {
            var floor = new double[slots];
            for (var i = 0; i < series.Count; i++)
            {
                yield return ($"{id}-{i}", PathOf(series[i].Values, floor));
            }
        }
    }

    /// <summary>The texts beside the graph, under their keys in <c>/figures</c>.</summary>
    public IEnumerable<(string Key, string Text)> Texts
    {
        get
        {
            for (var i = 0; i < series.Count; i++)
            {
                yield return ($"{id}-{i}", NewestOf(i));
            }
            yield return ($"{id}-peak", Peak());
            yield return ($"{id}-words", Description());
        }
    }

    public Graph With(string name, IEnumerable<double?> values)
    {
        series.Add((name, [.. values]));
        return this;
    }

    public void Write(StringBuilder page, string since)
    {
        page.Append("<figure class=graph><figcaption><b>").Append(title).Append("</b> ");
        for (var i = 0; i < series.Count; i++)
        {
            page.Append(
                $"<span class=key><i class=s{i}></i>{series[i].Name} <b data-text={id}-{i}>{NewestOf(i)}</b></span> "
            );
        }
        page.Append($"</figcaption><svg role=img aria-labelledby={id}-title viewBox=\"0 0 {Width} {Height}\" ")
            .Append("preserveAspectRatio=none>")
            .Append($"<title id={id}-title data-text={id}-words>{Description()}</title>");
        foreach (var ((key, path), i) in Paths.Select((one, i) => (one, i)))
        {
            page.Append($"<path class=\"{(stacked ? "area" : "line")} s{i}\" data-path={key} d=\"{path}\"/>");
        }
        page.Append(
            $"</svg><div class=axis><span>{since}</span><span data-text={id}-peak>{Peak()}</span>"
                + "<span>now</span></div></figure>"
        );
    }

    private double Highest
    {
        get
        {
            var highest = 0.0;
            for (var at = 0; at < series.Max(one => one.Values.Count); at++)
            {
                var values = series.Select(one => at < one.Values.Count ? one.Values[at] ?? 0 : 0);
                highest = Math.Max(highest, stacked ? values.Sum() : values.Max());
            }
            return highest;
        }
    }

    private string Peak() => series[0].Values.Count == 0 ? "no samples yet" : $"highest {format(Highest)}";

    private string Description() =>
        $"{title}: {string.Join(", ", series.Select((one, i) => $"{one.Name} {NewestOf(i)}"))}; {Peak()}";

    private string NewestOf(int index) =>
        series[index].Values is { Count: > 0 } values && values[^1] is { } newest ? format(newest) : "–";

    /// <summary>An area is closed along the one below it; a line breaks where there is no value.</summary>
    private string PathOf(IReadOnlyList<double?> values, double[] floor)
    {
        var scale = Highest > 0 ? (Height - Top) / Highest : 0;
        var path = new StringBuilder();
        var pen = 'M';
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is not { } value)
            {
                pen = stacked ? pen : 'M';
                continue;
            }
            Point(path, pen, slots - values.Count + i, (stacked ? floor[i] : 0) + value, scale);
            pen = 'L';
        }
        if (stacked && values.Count > 0)
        {
            for (var i = values.Count - 1; i >= 0; i--)
            {
                Point(path, 'L', slots - values.Count + i, floor[i], scale);
                floor[i] += values[i] ?? 0;
            }
            path.Append('Z');
        }
        return path.ToString();
    }

    private void Point(StringBuilder path, char pen, int slot, double value, double scale)
    {
        var x = (double)slot * Width / (slots - 1);
        var y = Height - (value * scale);
        path.Append(CultureInfo.InvariantCulture, $"{pen}{x:0.#} {y:0.#}");
    }
}
