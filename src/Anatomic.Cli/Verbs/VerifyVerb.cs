using System.CommandLine;
using Anatomic.Cli.Display;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Engine.Hashing;
using Anatomic.Engine.Storage;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Cli.Verbs;

/// <summary><c>verify</c>: checks files against a torrent and lists the incomplete ones.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Argument<string> source = new("TORRENT") { Description = "A .torrent file, or its web address" };

    private readonly Option<string> data = SharedFlags.TorrentData();

    private readonly Option<bool> json = SharedFlags.Json();

    public VerifyVerb()
        : base(
            "verify",
            "Check files against a torrent and list missing or damaged ones",
            "anatomic verify holiday.torrent --data ~/videos"
        )
    {
        Add(source);
        AddFlags(data, json);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        await using var world = context.OpenWorld();
        var torrent = await TorrentSource.ReadAsync(context, world, context.Get(source)!, stop);
        var metainfo =
            torrent.Metainfo
            ?? throw CliException.UsageError("a magnet link contains no piece hashes: give the torrent file");
        var place = await TorrentFiles.LocateAsync(context, world.Disk, metainfo.Info, context.Get(data)!, stop);
        var began = world.Clock.GetTimestamp();
        TransferEvents.StartedLocally(context.Output, metainfo.Info.HashV1, metainfo.Info.HashV2);
        var result = await CheckAsync(context, world, metainfo, place, stop);
        var bad = result.Files.Where(file => !file.IsGood && file.File.LinkTarget is null).ToList();
        foreach (var file in bad)
        {
            Report(context.Output, file, metainfo.Info);
        }
        if (bad.Count > 0)
        {
            throw new CliException(
                ExitStatus.Failed,
                "incomplete",
                $"{bad.Count} of {result.Files.Count} files of '{metainfo.Info.Name}' are missing or damaged; "
                    + "'anatomic get' downloads them"
            );
        }
        var elapsed = world.Clock.GetElapsedTime(began);
        TransferEvents.Verified(context.Output, metainfo.Info.Name, metainfo.Info.Size, elapsed);
        return ExitStatus.Success;
    }

    private static async Task<CheckResult> CheckAsync(
        VerbContext context,
        IWorld world,
        TorrentMetainfo metainfo,
        DataPlace place,
        CancellationToken stop
    )
    {
        var progress = default(CheckProgress);
        var work = world
            .Loops.All[0]
            .RunAsync(async () =>
            {
                var layout = await DataLocator.PlanAsync(world.Disk, metainfo.Info, place, stop);
                await using var storage = new TorrentStorage(world.Disk, metainfo.Info, layout);
                var verifier = new PieceVerifier(metainfo, world.Workers);
                return await DataCheck.RunAsync(storage, verifier, only: null, latest => progress = latest, stop);
            });
        await new ProgressDisplay(context.Environment, context.Output, world.Clock).ShowUntilAsync(
            work,
            () => ProgressBarView.Render("verifying", progress.CheckedBytes, progress.TotalBytes),
            () => TransferEvents.LocalProgress(context.Output, progress.CheckedBytes, progress.TotalBytes),
            stop
        );
        return await work;
    }

    private static void Report(ConsoleOutput output, FileCheck file, TorrentInfo info)
    {
        var pieces = file.BadPieces.Count;
        var plain =
            file.LengthOnDisk is not { } found ? $"missing: {file.File.Display}"
            : pieces > 0 ? $"damaged: {file.File.Display} ({HumanFormat.Count(pieces, "bad piece")})"
            : $"damaged: {file.File.Display} ({HumanFormat.Bytes(found)} instead of "
                + $"{HumanFormat.Bytes(file.File.Length)})";
        output.WriteEvent(
            "missing",
            writer =>
            {
                writer.WriteString("path", file.File.Display);
                writer.WriteNumber("length", file.File.Length);
                if (file.LengthOnDisk is { } length)
                {
                    writer.WriteNumber("lengthOnDisk", length);
                }
                else
                {
                    writer.WriteNull("lengthOnDisk");
                }
                writer.WriteNumber("pieces", pieces);
                writer.WriteNumber("pieceLength", info.PieceLength);
            },
            plain
        );
    }
}
