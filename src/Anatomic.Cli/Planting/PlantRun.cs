using System.Text.Json;
using Anatomic.Cli.Display;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Engine.Creation;
using Anatomic.Federation.Planting;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Cli.Planting;

/// <summary>Plants in five steps, each with a line: create (or read), choose, plant, notify, write.</summary>
internal static class PlantRun
{
    /// <summary>Default output: the torrent itself, or for data <c>NAME.torrent</c> in the working folder.</summary>
    public static string DefaultOutput(VerbContext context, string from) =>
        TorrentFiles.IsTorrentFile(from)
            ? from
            : context.FullPath(Path.GetFileName(Path.TrimEndingDirectorySeparator(from)) + TorrentFiles.Extension);

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
            await TorrentFiles.CheckOutputAsync(world.Disk, request.From, request.To, stop);
        }
        var torrent = await ReadOrCreateAsync(context, world, request.From, stop);
        TransferEvents.StartedLocally(context.Output, torrent.Info.HashV1, torrent.Info.HashV2);
        var options = request.Options with
        {
            Write = async (planted, ending) => await world.Disk.ReplaceAsync(request.To, planted.Torrent, ending),
        };
        var result = await world
            .Loops.All[0]
            .RunAsync<PlantResult>(async () =>
            {
                var planter = new Planter(world, await PlanterKey.OpenAsync(world, stop));
                void OnProgress(PlantProgress progress) => WriteStep(context.Output, progress);
                return renew
                    ? await planter.RenewAsync(torrent, options, OnProgress, stop)
                    : await planter.PlantAsync(torrent, options, OnProgress, stop);
            });
        Report(context.Output, torrent.Info.Name, request.To, result, world.Clock.GetElapsedTime(began));
        return ExitStatus.Success;
    }

    private static async Task<TorrentMetainfo> ReadOrCreateAsync(
        VerbContext context,
        IWorld world,
        string from,
        CancellationToken stop
    )
    {
        if (TorrentFiles.IsTorrentFile(from))
        {
            return await TorrentSource.ReadFileAsync(context, world, from, stop);
        }
        if (await world.Disk.FindAsync(from, stop) is null)
        {
            throw CliException.InvalidInput(
                $"{from} does not exist: give a torrent file, or a file or folder to create one from"
            );
        }
        WriteStep(context.Output, "create", $"creating a torrent from {from}", 0, 0);
        return await TorrentCreation.RunAsync(context, world, from, new CreateOptions(), stop);
    }

    private static void WriteStep(ConsoleOutput output, PlantProgress progress) =>
        WriteStep(output, progress.Step.ToString().ToLowerInvariant(), progress.Text, progress.Done, progress.Wanted);

    private static void WriteStep(ConsoleOutput output, string step, string text, int done, int wanted) =>
        output.WriteEvent(
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

    private static void Report(ConsoleOutput output, string name, string to, PlantResult result, TimeSpan elapsed)
    {
        output.WriteEvent("complete", writer => WriteResult(writer, to, result, elapsed), plain: null);
        if (output.IsJson)
        {
            return;
        }
        output.WriteLine($"planted: {name} on {result.Holders.Count} of {result.Wanted} nodes");
        foreach (var holder in result.Holders)
        {
            output.WriteLine($"  {string.Join("  ", holder.AnnounceUrls)}");
        }
        foreach (var note in result.Remarks)
        {
            output.WriteLine($"note: {note}");
        }
        output.WriteLine($"wrote: {to}");
        output.WriteLine($"magnet: {result.Magnet}");
    }

    private static void WriteResult(Utf8JsonWriter writer, string to, PlantResult result, TimeSpan elapsed)
    {
        writer.WriteNumber("seconds", Math.Round(elapsed.TotalSeconds, 3));
        writer.WriteString("file", to);
        writer.WriteString("magnet", result.Magnet);
        writer.WriteNumber("wanted", result.Wanted);
        writer.WriteStartArray("holders");
        foreach (var holder in result.Holders)
        {
            writer.WriteStartObject();
            writer.WriteString("id", holder.Id.ToString());
            writer.WritePropertyName("announce");
            writer.WriteStringArray(holder.AnnounceUrls);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WritePropertyName("supernodes");
        writer.WriteStringArray(result.Supernodes);
        writer.WritePropertyName("remarks");
        writer.WriteStringArray(result.Remarks);
    }
}
