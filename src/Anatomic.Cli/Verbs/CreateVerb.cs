using System.CommandLine;
using Anatomic.Cli.Display;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Engine.Creation;
using Anatomic.Wire;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Cli.Verbs;

/// <summary><c>create</c>: creates a torrent from a file or folder.</summary>
internal sealed class CreateVerb : Verb
{
    private readonly Argument<string> path = new("PATH") { Description = "File or folder to create a torrent from" };

    private readonly Option<string> output = new("--output", "-o")
    {
        HelpName = "FILE",
        Description = "Torrent file to write [default: NAME.torrent in this folder]",
    };

    private readonly Option<string> format = new("--format")
    {
        HelpName = "v1|v2|hybrid",
        Description = "Torrent version; Transmission 3 and aria2 need v1 [default: hybrid]",
    };

    private readonly Option<string> pieceLength = new("--piece-length")
    {
        HelpName = "SIZE",
        Description = "A power of two from 16K to 128M [default: by the size of the data]",
    };

    private readonly Option<string[]> trackers = new("--tracker")
    {
        HelpName = "URL",
        Description = "Announce URL; each flag adds a tier, commas separate URLs within a tier; repeatable",
    };

    private readonly Option<string[]> webSeeds = new("--web-seed")
    {
        HelpName = "URL",
        Description = "URL of a web server that has the data; repeatable",
    };

    private readonly Option<bool> isPrivate = new("--private")
    {
        Description = "Allow only the torrent's own trackers",
    };
    private readonly Option<string> comment = new("--comment") { HelpName = "TEXT", Description = "Free text" };
    private readonly Option<string> sourceTag = new("--source")
    {
        HelpName = "TEXT",
        Description = "Source tag (changes the info-hash)",
    };

    private readonly Option<int?> threads = new("--threads")
    {
        HelpName = "N",
        Description = "Pieces hashed in parallel [default: one per core]",
    };

    private readonly Option<bool> json = SharedFlags.Json();

    public CreateVerb()
        : base(
            "create",
            "Create a torrent from a file or folder",
            "anatomic create holiday.mkv -o holiday.torrent",
            "anatomic create photos --format v2 --piece-length 1M --tracker http://tracker.example:6969/announce"
        )
    {
        Add(path);
        AddFlags(output, format, pieceLength, trackers, webSeeds, isPrivate, comment, sourceTag, threads, json);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var from = context.FullPath(context.Get(path)!);
        var options = ReadOptions(context);
        await using var world = context.OpenWorld();
        if (await world.Disk.FindAsync(from, stop) is null)
        {
            throw CliException.InvalidInput($"{context.Get(path)} does not exist: give a file or folder");
        }
        var to = context.FullPath(
            context.Get(output) ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(from)) + TorrentFiles.Extension
        );
        var began = world.Clock.GetTimestamp();
        await TorrentFiles.CheckOutputAsync(world.Disk, from, to, stop);
        var metainfo = await TorrentCreation.RunAsync(context, world, from, options, stop);
        await world.Disk.ReplaceAsync(to, metainfo.Bytes, stop);
        Report(context.Output, metainfo, to, world.Clock.GetElapsedTime(began));
        return ExitStatus.Success;
    }

    private CreateOptions ReadOptions(VerbContext context) =>
        new()
        {
            Format = context.Get(format) switch
            {
                null or "" or "hybrid" => TorrentFormat.Hybrid,
                "v1" => TorrentFormat.V1,
                "v2" => TorrentFormat.V2,
                var other => throw CliException.UsageError($"--format {other} is unknown: use v1, v2 or hybrid"),
            },
            PieceLength = context.Get(pieceLength) is { Length: > 0 } size ? ParsePieceLength(size) : null,
            AnnounceTiers =
            [
                .. (context.Get(trackers) ?? []).Select(tier => tier.Split(',', StringSplitOptions.TrimEntries)),
            ],
            WebSeeds = context.Get(webSeeds) ?? [],
            IsPrivate = context.Get(isPrivate),
            Comment = context.Get(comment),
            SourceTag = context.Get(sourceTag),
            Threads = context.Get(threads),
        };

    private static int ParsePieceLength(string value)
    {
        var bytes = FlagValues.Bytes("--piece-length", value);
        return
            bytes is >= MetainfoLimits.MinPieceLengthV2 and <= MetainfoLimits.MaxPieceLength
            && long.PopCount(bytes) == 1
            ? (int)bytes
            : throw CliException.UsageError($"--piece-length {value} must be a power of two from 16K to 128M");
    }

    private static void Report(ConsoleOutput output, TorrentMetainfo metainfo, string to, TimeSpan elapsed)
    {
        var magnet = MagnetLink.Of(metainfo).ToString();
        var (v1, v2) = (metainfo.Info.HashV1?.ToString(), metainfo.Info.HashV2?.ToString());
        if (output.IsJson)
        {
            output.WriteEvent(
                "complete",
                writer =>
                {
                    writer.WriteNumber("seconds", Math.Round(elapsed.TotalSeconds, 3));
                    writer.WriteString("file", to);
                    writer.WriteString("infoHashV1", v1);
                    writer.WriteString("infoHashV2", v2);
                    writer.WriteString("magnet", magnet);
                },
                plain: null
            );
            return;
        }
        output.WriteLine($"wrote: {to}");
        if (v1 is not null)
        {
            output.WriteLine($"info-hash: {v1}");
        }
        if (v2 is not null)
        {
            output.WriteLine($"info-hash v2: {v2}");
        }
        output.WriteLine($"magnet: {magnet}");
    }
}
