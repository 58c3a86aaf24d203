using System.Text.Json;
using Anatomic.Engine.Torrents;
using Anatomic.Wire;

namespace Anatomic.Cli.Display;

/// <summary>The events of a transfer; docs/cli.md promises their names and fields.</summary>
internal static class TransferEvents
{
    public static void Started(ConsoleOutput output, TorrentStatus status, IReadOnlyList<Endpoint> listening) =>
        output.WriteEvent(
            "started",
            writer =>
            {
                writer.WriteString("infoHashV1", status.InfoHashV1?.ToString());
                writer.WriteString("infoHashV2", status.InfoHashV2?.ToString());
                writer.WriteString("listen", listening.Count > 0 ? listening[0].ToString() : null);
            },
            listening.Count > 0 ? $"started: {status.Name}, listening on {listening[0]}" : $"started: {status.Name}"
        );

    /// <summary>Work without a network starts: nothing listens, so people need no line.</summary>
    public static void StartedLocally(ConsoleOutput output, Hash20? v1, Hash32? v2) =>
        output.WriteEvent(
            "started",
            writer =>
            {
                writer.WriteString("infoHashV1", v1?.ToString());
                writer.WriteString("infoHashV2", v2?.ToString());
                writer.WriteNull("listen");
            },
            plain: null
        );

    public static void Progress(ConsoleOutput output, TorrentStatus status) =>
        output.WriteEvent("progress", writer => WriteProgress(writer, status), plain: null);

    /// <summary>The same event for work without a network: hashing and verifying.</summary>
    public static void LocalProgress(ConsoleOutput output, long done, long total) =>
        output.WriteEvent(
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

    public static void Verified(ConsoleOutput output, string name, long bytes, TimeSpan elapsed) =>
        Complete(
            output,
            elapsed,
            $"complete: {name}, {HumanFormat.Bytes(bytes)} verified in {HumanFormat.Duration(elapsed)}"
        );

    public static void Complete(ConsoleOutput output, TorrentStatus status, TimeSpan elapsed) =>
        Complete(
            output,
            elapsed,
            $"complete: {status.Name}, {HumanFormat.Bytes(status.Total)} in {HumanFormat.Duration(elapsed)}"
        );

    private static void Complete(ConsoleOutput output, TimeSpan elapsed, string plain) =>
        output.WriteEvent(
            "complete",
            writer => writer.WriteNumber("seconds", Math.Round(elapsed.TotalSeconds, 3)),
            plain
        );

    public static void Seeding(ConsoleOutput output) => output.WriteEvent("seeding", writeFields: null, "seeding");

    public static void Stopped(ConsoleOutput output) => output.WriteEvent("stopped", writeFields: null, "stopped");

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
