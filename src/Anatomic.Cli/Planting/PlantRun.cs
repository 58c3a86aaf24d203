using System.Text.Json;
using Anatomic.Cli.Display;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Cli.Verbs;
using Anatomic.Engine.Creation;
using Anatomic.Federation.Planting;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Cli.Planting;

/// <summary>What is to be planted, and where the result goes.</summary>
/// <param name="From">Absolute: a torrent file, or the data to make one of.</param>
/// <param name="To">Absolute.</param>
/// <param name="Options">How.</param>
internal sealed record PlantRequest(string From, string To, PlantOptions Options);

/// <summary>The five steps, each with a line: create (or read), choose, plant, notify, write.</summary>
internal static class PlantRun
{
    private const string Extension = ".torrent";

    /// <summary>Whether the path names a torrent, not data to make one of.</summary>
    public static bool IsTorrent(string path) => path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Where the planted torrent goes unless it is said: over the old file, or beside where the person is.</summary>
    public static string DefaultTarget(VerbContext context, string from) =>
        IsTorrent(from)
            ? from
            : context.FullPath(Path.GetFileName(Path.TrimEndingDirectorySeparator(from)) + Extension);

    public static async Task<int> PlantAsync(
        VerbContext context,
        IWorld world,
        PlantRequest request,
        bool renew,
        CancellationToken stop
    )
    {
        var began = world.Clock.GetTimestamp();
        if (request.To != request.From)
        {
            TorrentFiles.CheckTarget(world.Disk, request.From, request.To);
        }
        var torrent = await ReadOrCreateAsync(context, world, request.From, stop);
        TransferEvents.Begun(context.ConsoleOutput, torrent.Info.HashV1, torrent.Info.HashV2);
        var options = request.Options with
        {
            Write = async (made, late) => await world.Disk.ReplaceAsync(request.To, made.Torrent, late),
        };
        var result = await world
            .Loops.All[0]
            .RunAsync<PlantResult>(async () =>
            {
                var planter = new Planter(world, await PlanterKey.OpenAsync(world, stop));
                void Tell(PlantProgress progress) => Step(context.ConsoleOutput, progress);
                return renew
                    ? await planter.RenewAsync(torrent, options, Tell, stop)
                    : await planter.PlantAsync(torrent, options, Tell, stop);
            });
        Report(context.ConsoleOutput, torrent.Info.Name, request.To, result, world.Clock.GetElapsedTime(began));
        return ExitStatus.Success;
    }

    private static async Task<TorrentMetainfo> ReadOrCreateAsync(
        VerbContext context,
        IWorld world,
        string from,
        CancellationToken stop
    )
    {
        if (IsTorrent(from))
        {
            return await TorrentSource.ReadFileAsync(context, world, from, stop);
        }
        if (world.Disk.Find(from) is null)
        {
            throw CliException.Input($"{from} does not exist: name a torrent file, or the data to make one of");
        }
        Step(context.ConsoleOutput, "create", $"making a torrent of {from}", 0, 0);
        return await CreateVerb.CreateAsync(context, world, from, new CreateOptions(), stop);
    }

    private static void Step(ConsoleOutput reporter, PlantProgress progress) =>
        Step(reporter, progress.Step.ToString().ToLowerInvariant(), progress.Text, progress.Done, progress.Wanted);

    private static void Step(ConsoleOutput reporter, string step, string text, int done, int wanted) =>
        reporter.Event(
            "step",
            writer =>
            {
                writer.WriteString("step", step);
                writer.WriteString("text", text);
                writer.WriteNumber("receipts", done);
                writer.WriteNumber("wanted", wanted);
            },
            $"{step, -6}  {text}"
        );

    private static void Report(ConsoleOutput reporter, string name, string to, PlantResult result, TimeSpan took)
    {
        reporter.Event("complete", writer => WriteResult(writer, to, result, took), plain: null);
        if (reporter.Json)
        {
            return;
        }
        reporter.Line($"planted: {name} on {result.Holders.Count} of {result.Wanted} nodes");
        foreach (var holder in result.Holders)
        {
            reporter.Line($"  {string.Join("  ", holder.AnnounceUrls)}");
        }
        foreach (var remark in result.Remarks)
        {
            reporter.Line($"note: {remark}");
        }
        reporter.Line($"wrote: {to}");
        reporter.Line($"magnet: {result.Magnet}");
    }

    private static void WriteResult(Utf8JsonWriter writer, string to, PlantResult result, TimeSpan took)
    {
        writer.WriteNumber("seconds", Math.Round(took.TotalSeconds, 3));
        writer.WriteString("file", to);
        writer.WriteString("magnet", result.Magnet);
        writer.WriteNumber("wanted", result.Wanted);
        writer.WriteStartArray("holders");
        foreach (var holder in result.Holders)
        {
            writer.WriteStartObject();
            writer.WriteString("id", holder.Id.ToString());
            writer.WritePropertyName("announce");
            JsonStringArrays.Write(writer, holder.AnnounceUrls);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WritePropertyName("supernodes");
        JsonStringArrays.Write(writer, result.Supernodes);
        writer.WritePropertyName("remarks");
        JsonStringArrays.Write(writer, result.Remarks);
    }
}
