using Anatomic.Engine.Torrents;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Anatomic.Cli.Display;

/// <summary>A transfer as a person sees it while it runs: the whole, then the files under way.</summary>
internal static class TransferView
{
    /// <summary>More lines than this push the rest of the terminal away.</summary>
    private const int MaxFiles = 8;

    /// <summary>The narrowest terminal in use has 80 columns; a line that wraps would tear the picture.</summary>
    private const int MaxNameChars = 50;

    private const int MaxPathChars = 40;

    private const int WideBar = 30;
    private const int NarrowBar = 16;

    public static IRenderable Of(TorrentStatus status)
    {
        var lines = new List<IRenderable>
        {
            new Markup(Headline(status)),
            new Markup(Whole(status)),
            new Markup(Rates(status)),
        };
        if (status.Files.Count > 1)
        {
            lines.AddRange(Files(status));
        }
        if (Trouble(status) is { } trouble)
        {
            lines.Add(new Markup($"[yellow]{Markup.Escape(trouble)}[/]"));
        }
        return new Rows(lines);
    }

    private static string Headline(TorrentStatus status)
    {
        var state = status.State switch
        {
            TorrentState.Checking => "checking what is there",
            TorrentState.Metadata => "asking peers what it holds",
            TorrentState.Downloading => "downloading",
            TorrentState.Seeding => "seeding",
            TorrentState.Stopped => "stopped",
            _ => "cannot go on",
        };
        return $"[bold]{Markup.Escape(Shorten(status.Name, MaxNameChars))}[/]  {state}";
    }

    private static string Whole(TorrentStatus status) =>
        $"{ProgressBarView.Bar(status.Done, status.Total, WideBar)} {HumanFormat.Percent(status.Done, status.Total), 3} %  "
        + $"{HumanFormat.Bytes(status.Done)} of {HumanFormat.Bytes(status.Total)}";

    private static string Rates(TorrentStatus status)
    {
        var peers = $"{status.Peers} {(status.Peers == 1 ? "peer" : "peers")}";
        var eta = status.Eta is { } left ? $"  {HumanFormat.Duration(left)} left" : "";
        return $"down {HumanFormat.Rate(status.DownloadRate)}  up {HumanFormat.Rate(status.UploadRate)}  {peers}{eta}";
    }

    private static IEnumerable<IRenderable> Files(TorrentStatus status)
    {
        var wanted = status.Files.Where(file => file.Wanted && file.Length > 0).ToList();
        var open = wanted.Where(file => file.Done < file.Length).ToList();
        var shown = open.OrderByDescending(file => file.Done > 0).Take(MaxFiles).ToList();
        foreach (var file in shown)
        {
            yield return new Markup(
                $"  {ProgressBarView.Bar(file.Done, file.Length, NarrowBar)} {HumanFormat.Percent(file.Done, file.Length), 3} %  "
                    + $"{HumanFormat.Bytes(file.Length), 10}  {Markup.Escape(Shorten(file.Path, MaxPathChars))}"
            );
        }
        yield return new Markup(
            $"  {wanted.Count - open.Count} of {wanted.Count} files done"
                + (open.Count > shown.Count ? $", {open.Count - shown.Count} more to come" : "")
        );
    }

    /// <summary>The end of a path tells files apart, so the beginning goes.</summary>
    private static string Shorten(string text, int chars) => text.Length <= chars ? text : "…" + text[^(chars - 1)..];

    /// <summary>What keeps a download waiting, when nobody is there to give.</summary>
    private static string? Trouble(TorrentStatus status)
    {
        if (status.State is not (TorrentState.Downloading or TorrentState.Metadata) || status.Peers > 0)
        {
            return null;
        }
        var failing = status.Trackers.FirstOrDefault(tracker => !tracker.Working && tracker.Message.Length > 0);
        return failing is null ? "no peers yet" : $"no peers yet; {failing.Url} says: {failing.Message}";
    }
}
