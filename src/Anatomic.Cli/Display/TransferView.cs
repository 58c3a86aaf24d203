using Anatomic.Engine.Torrents;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Anatomic.Cli.Display;

/// <summary>Draws a running transfer: totals first, then the files in progress.</summary>
internal static class TransferView
{
    /// <summary>More lines would push the rest of the terminal away.</summary>
    private const int MaxFiles = 8;

    /// <summary>Keeps lines within 80 columns: a line that wraps would break the redrawing.</summary>
    private const int MaxNameChars = 50;

    private const int MaxPathChars = 40;

    private const int WideBar = 30;
    private const int NarrowBar = 16;

    public static IRenderable Render(Torrent torrent)
    {
        var status = torrent.Status;
        var lines = new List<IRenderable>
        {
            new Markup(Headline(status)),
            new Markup(Totals(status)),
            new Markup(Rates(status)),
        };
        if (torrent.Files.Count > 1)
        {
            lines.AddRange(Files(torrent.Files));
        }
        if (Problem(torrent) is { } problem)
        {
            lines.Add(new Markup($"[yellow]{Markup.Escape(problem)}[/]"));
        }
        return new Rows(lines);
    }

    private static string Headline(TorrentStatus status)
    {
        var state = status.State switch
        {
            TorrentState.Checking => "verifying existing data",
            TorrentState.Metadata => "fetching metadata from peers",
            TorrentState.Downloading => "downloading",
            TorrentState.Seeding => "seeding",
            TorrentState.Stopped => "stopped",
            TorrentState.Queued => "queued",
            TorrentState.Moving => "moving",
            _ => "failed",
        };
        return $"[bold]{Markup.Escape(Shorten(status.Name, MaxNameChars))}[/]  {state}";
    }

    private static string Totals(TorrentStatus status) =>
        $"{ProgressBarView.BarAndPercent(status.Done, status.Total, WideBar)}  "
        + $"{HumanFormat.Bytes(status.Done)} of {HumanFormat.Bytes(status.Total)}";

    private static string Rates(TorrentStatus status)
    {
        var peers = HumanFormat.Count(status.Peers, "peer");
        var eta = status.Eta is { } left ? $"  {HumanFormat.Duration(left)} left" : "";
        return $"down {HumanFormat.Rate(status.DownloadRate)}  up {HumanFormat.Rate(status.UploadRate)}  {peers}{eta}";
    }

    private static IEnumerable<IRenderable> Files(IReadOnlyList<FileStatus> files)
    {
        var wanted = files.Where(file => file.Wanted && file.Length > 0).ToList();
        var open = wanted.Where(file => file.Done < file.Length).ToList();
        var shown = open.OrderByDescending(file => file.Done > 0).Take(MaxFiles).ToList();
        foreach (var file in shown)
        {
            yield return new Markup(
                $"  {ProgressBarView.BarAndPercent(file.Done, file.Length, NarrowBar)}  "
                    + $"{HumanFormat.Bytes(file.Length), 10}  {Markup.Escape(Shorten(file.Path, MaxPathChars))}"
            );
        }
        yield return new Markup(
            $"  {wanted.Count - open.Count} of {wanted.Count} files done"
                + (open.Count > shown.Count ? $", {open.Count - shown.Count} more pending" : "")
        );
    }

    /// <summary>Cuts the beginning: the end of a path is what distinguishes files.</summary>
    private static string Shorten(string text, int chars) => text.Length <= chars ? text : "…" + text[^(chars - 1)..];

    /// <summary>Why a download without peers is waiting; null if it is not.</summary>
    private static string? Problem(Torrent torrent)
    {
        var status = torrent.Status;
        if (status.State is not (TorrentState.Downloading or TorrentState.Metadata) || status.Peers > 0)
        {
            return null;
        }
        var failing = torrent.Trackers.FirstOrDefault(tracker => !tracker.Working && tracker.Message.Length > 0);
        return failing is null ? "no peers yet" : $"no peers yet; {failing.Url}: {failing.Message}";
    }
}
