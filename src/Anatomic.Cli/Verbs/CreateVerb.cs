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

/// <summary><c>create</c>: makes a torrent of a file or a folder.</summary>
internal sealed class CreateVerb : Verb
{
    private readonly Argument<string> path = new("PATH") { Description = "The file or folder to put in" };

    private readonly Option<string> output = new("--output", "-o")
    {
        HelpName = "FILE",
        Description = "The torrent file to write [default: NAME.torrent in this folder]",
    };

    private readonly Option<string> format = new("--format")
    {
        HelpName = "v1|v2|hybrid",
        Description = "hybrid serves v1 and v2 clients; Transmission 3 and aria2 take only v1 [default: hybrid]",
    };

    private readonly Option<string> pieceLength = new("--piece-length")
    {
        HelpName = "SIZE",
        Description = "A power of two from 16K to 128M [default: by the size of the data]",
    };

    private readonly Option<string[]> trackers = new("--tracker")
    {
        HelpName = "URL",
        Description = "An announce address, a tier of its own; several with a comma are one tier; repeatable",
    };

    private readonly Option<string[]> webSeeds = new("--web-seed")
    {
        HelpName = "URL",
        Description = "A web address that holds the data; repeatable",
    };

    private readonly Option<bool> isPrivate = new("--private") { Description = "Only its own trackers may be used" };
    private readonly Option<string> comment = new("--comment") { HelpName = "TEXT", Description = "For people" };
    private readonly Option<string> sourceTag = new("--source")
    {
        HelpName = "TEXT",
        Description = "A tag that makes the info-hash a tracker's own",
    };

    private readonly Option<int?> threads = new("--threads")
    {
        HelpName = "N",
        Description = "Pieces hashed at once [default: one a core]",
    };

    private readonly Option<bool> json = SharedFlags.Json();

    public CreateVerb()
        : base(
            "create",
            "Make a torrent of a file or a folder",
            "anatomic create holiday.mkv -o holiday.torrent",
            "anatomic create photos --format v2 --piece-length 1M --tracker http://tracker.example:6969/announce"
        )
    {
        Add(path);
        foreach (
            Option option in (Option[])
                [output, format, pieceLength, trackers, webSeeds, isPrivate, comment, sourceTag, threads, json]
        )
        {
            Add(option);
        }
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var from = context.FullPath(context.Get(path)!);
        var options = Asked(context);
        await using var world = context.OpenWorld();
        if (world.Disk.Find(from) is null)
        {
            throw CliException.Input($"{context.Get(path)} does not exist: name the file or folder to put in");
        }
        var to = context.FullPath(
            context.Get(output) ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(from)) + ".torrent"
        );
        var began = world.Clock.GetTimestamp();
        TorrentFiles.CheckTarget(world.Disk, from, to);
        var metainfo = await CreateAsync(context, world, from, options, stop);
        await world.Disk.ReplaceAsync(to, metainfo.Bytes, stop);
        Report(context.ConsoleOutput, metainfo, to, world.Clock.GetElapsedTime(began));
        return ExitStatus.Success;
    }

    /// <summary>Hashes on a loop of the world and shows how far it is.</summary>
    internal static async Task<TorrentMetainfo> CreateAsync(
        VerbContext context,
        IWorld world,
        string from,
        CreateOptions options,
        CancellationToken stop
    )
    {
        var state = default(CreateProgress);
        var work = world
            .Loops.All[0]
            .RunAsync<TorrentMetainfo>(() =>
                TorrentCreator.CreateAsync(world, from, options, now => state = now, stop)
            );
        await new ProgressDisplay(context.ProcessEnvironment, context.ConsoleOutput, world.Clock).UntilAsync(
            work,
            () => ProgressBarView.Of("hashing", state.HashedBytes, state.TotalBytes),
            () => TransferEvents.Work(context.ConsoleOutput, state.HashedBytes, state.TotalBytes),
            stop
        );
        return await work;
    }

    private CreateOptions Asked(VerbContext context) =>
        new()
        {
            Format = context.Get(format) switch
            {
                null or "" or "hybrid" => TorrentFormat.Hybrid,
                "v1" => TorrentFormat.V1,
                "v2" => TorrentFormat.V2,
                var other => throw CliException.Arguments($"--format {other} is not known: say v1, v2 or hybrid"),
            },
            PieceLength = context.Get(pieceLength) is { Length: > 0 } word ? PieceLength(word) : null,
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

    private static int PieceLength(string word)
    {
        var bytes = FlagValues.Bytes("--piece-length", word);
        return
            bytes is >= MetainfoLimits.MinPieceLengthV2 and <= MetainfoLimits.MaxPieceLength
            && long.PopCount(bytes) == 1
            ? (int)bytes
            : throw CliException.Arguments($"--piece-length {word} is no power of two from 16K to 128M");
    }

    private static void Report(ConsoleOutput reporter, TorrentMetainfo metainfo, string to, TimeSpan took)
    {
        var magnet = MagnetLink.Of(metainfo).ToString();
        var (v1, v2) = (metainfo.Info.HashV1?.ToString(), metainfo.Info.HashV2?.ToString());
        if (reporter.Json)
        {
            reporter.Event(
                "complete",
                writer =>
                {
                    writer.WriteNumber("seconds", Math.Round(took.TotalSeconds, 3));
                    writer.WriteString("file", to);
                    writer.WriteString("infoHashV1", v1);
                    writer.WriteString("infoHashV2", v2);
                    writer.WriteString("magnet", magnet);
                },
                plain: null
            );
            return;
        }
        reporter.Line($"wrote: {to}");
        if (v1 is not null)
        {
            reporter.Line($"info-hash: {v1}");
        }
        if (v2 is not null)
        {
            reporter.Line($"info-hash v2: {v2}");
        }
        reporter.Line($"magnet: {magnet}");
    }
}
