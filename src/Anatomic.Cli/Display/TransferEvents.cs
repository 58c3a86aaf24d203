using System.Text.Json;
using Anatomic.Engine.Torrents;
using Anatomic.Wire;

namespace Anatomic.Cli.Display;

/// <summary>The moments of a transfer, in the words and fields that programs rely on.</summary>
internal static class TransferEvents
{
    public static void Started(Reporter reporter, TorrentStatus status, IReadOnlyList<Endpoint> listening) =>
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
    public static void Begun(Reporter reporter, Hash20? v1, Hash32? v2) =>
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

    public static void Progress(Reporter reporter, TorrentStatus status) =>
        reporter.Event("progress", writer => WriteProgress(writer, status), plain: null);

    /// <summary>The same event for work on this machine alone: hashing, checking.</summary>
    public static void Work(Reporter reporter, long done, long total) =>
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

    public static void Verified(Reporter reporter, string name, long bytes, TimeSpan took) =>
        Complete(reporter, took, $"complete: {name}, {Figures.Bytes(bytes)} verified in {Figures.Duration(took)}");

    public static void Complete(Reporter reporter, TorrentStatus status, TimeSpan took) =>
        Complete(reporter, took, $"complete: {status.Name}, {Figures.Bytes(status.Total)} in {Figures.Duration(took)}");

    private static void Complete(Reporter reporter, TimeSpan took, string plain) =>
        reporter.Event("complete", writer => writer.WriteNumber("seconds", Math.Round(took.TotalSeconds, 3)), plain);

    public static void Seeding(Reporter reporter) => reporter.Event("seeding", facts: null, "seeding");

    public static void Stopped(Reporter reporter) => reporter.Event("stopped", facts: null, "stopped");

    private static void WriteProgress(Utf8JsonWriter writer, TorrentStatus status)
    {
        writer.WriteNumber("done", status.Done);
        writer.WriteNumber("total", status.Total);
        writer.WriteNumber("down", status.DownRate);
        writer.WriteNumber("up", status.UpRate);
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
