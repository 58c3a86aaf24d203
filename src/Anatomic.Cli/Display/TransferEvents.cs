using System.Text.Json;
using Anatomic.Engine.Torrents;
using Anatomic.Wire;

namespace Anatomic.Cli.Display;

/// <summary>The moments of a transfer, in the words and fields that programs rely on.</summary>
internal static class TransferEvents
{
    public static void Started(ConsoleOutput reporter, TorrentStatus status, IReadOnlyList<Endpoint> listening) =>
        reporter.Event(
            "started",
            writer =>
            {
                writer.WriteString("infoHashV1", status.InfoHashV1?.ToString());
                writer.WriteString("infoHashV2", status.InfoHashV2?.ToString());
                writer.WriteString("listen", listening.Count > 0 ? listening[0].ToString() : null);
            },
            listening.Count > 0 ? $"started: {status.Name}, listening at {listening[0]}" : $"started: {status.Name}"
        );

    /// <summary>Work on this machine alone begins: nothing listens, and people see the result soon.</summary>
    public static void Begun(ConsoleOutput reporter, Hash20? v1, Hash32? v2) =>
        reporter.Event(
            "started",
            writer =>
            {
                writer.WriteString("infoHashV1", v1?.ToString());
                writer.WriteString("infoHashV2", v2?.ToString());
                writer.WriteNull("listen");
            },
            plain: null
        );

    public static void Progress(ConsoleOutput reporter, TorrentStatus status) =>
        reporter.Event("progress", writer => WriteProgress(writer, status), plain: null);

    /// <summary>The same event for work on this machine alone: hashing, checking.</summary>
    public static void Work(ConsoleOutput reporter, long done, long total) =>
        reporter.Event(
            "progress",
            writer =>
            {
                writer.WriteNumber("done", done);
                writer.WriteNumber("total", total);
                writer.WriteNumber("down", 0);
                writer.WriteNumber("up", 0);
                writer.WriteNumber("peers", 0);
                writer.WriteNull("etaSeconds");
            },
            plain: null
        );

    public static void Verified(ConsoleOutput reporter, string name, long bytes, TimeSpan took) =>
        Complete(
            reporter,
            took,
            $"complete: {name}, {HumanFormat.Bytes(bytes)} verified in {HumanFormat.Duration(took)}"
        );

    public static void Complete(ConsoleOutput reporter, TorrentStatus status, TimeSpan took) =>
        Complete(
            reporter,
            took,
            $"complete: {status.Name}, {HumanFormat.Bytes(status.Total)} in {HumanFormat.Duration(took)}"
        );

    private static void Complete(ConsoleOutput reporter, TimeSpan took, string plain) =>
        reporter.Event("complete", writer => writer.WriteNumber("seconds", Math.Round(took.TotalSeconds, 3)), plain);

    public static void Seeding(ConsoleOutput reporter) => reporter.Event("seeding", facts: null, "seeding");

    public static void Stopped(ConsoleOutput reporter) => reporter.Event("stopped", facts: null, "stopped");

    private static void WriteProgress(Utf8JsonWriter writer, TorrentStatus status)
    {
        writer.WriteNumber("done", status.Done);
        writer.WriteNumber("total", status.Total);
        writer.WriteNumber("down", status.DownloadRate);
        writer.WriteNumber("up", status.UploadRate);
        writer.WriteNumber("peers", status.Peers);
        if (status.Eta is { } eta)
        {
            writer.WriteNumber("etaSeconds", (long)Math.Ceiling(eta.TotalSeconds));
        }
        else
        {
            writer.WriteNull("etaSeconds");
        }
    }
}
