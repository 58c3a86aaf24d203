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

/// <summary><c>verify</c>: compares files with their torrent and lists what is missing.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Argument<string> source = new("TORRENT") { Description = "The torrent file, or its web address" };

    private readonly Option<string> data = new("--data")
    {
        HelpName = "PATH",
        Required = true,
        Description = "The file or folder that the torrent describes, or the folder that holds it",
    };

    private readonly Option<bool> json = SharedFlags.Json();

    public VerifyVerb()
        : base(
            "verify",
            "Check files against a torrent and list what is missing",
            "anatomic verify holiday.torrent --data ~/videos"
        )
    {
        Add(source);
        Add(data);
        Add(json);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        await using var world = context.OpenWorld();
        var torrent = await TorrentSource.ReadAsync(context, world, context.Get(source)!, stop);
        var metainfo =
            torrent.Metainfo
            ?? throw CliException.Arguments("a magnet link holds no hashes to check against: name the torrent file");
        var root = TorrentFiles.DataOf(world.Disk, metainfo.Info, context.FullPath(context.Get(data)!));
        var began = world.Clock.GetTimestamp();
        TransferEvents.Begun(context.ConsoleOutput, metainfo.Info.HashV1, metainfo.Info.HashV2);
        var result = await CheckAsync(context, world, metainfo, root, stop);
        var bad = result.Files.Where(file => !file.IsGood && file.File.LinkTarget is null).ToList();
        foreach (var file in bad)
        {
            Report(context.ConsoleOutput, file, metainfo.Info);
        }
        if (bad.Count > 0)
        {
            throw new CliException(
                ExitStatus.Failed,
                "incomplete",
                $"{bad.Count} of {result.Files.Count} files of '{metainfo.Info.Name}' are missing or wrong; "
                    + "'anatomic get' fetches what is missing"
            );
        }
        var took = world.Clock.GetElapsedTime(began);
        TransferEvents.Verified(context.ConsoleOutput, metainfo.Info.Name, metainfo.Info.Size, took);
        return ExitStatus.Success;
    }

    internal static async Task<CheckResult> CheckAsync(
        VerbContext context,
        IWorld world,
        TorrentMetainfo metainfo,
        string root,
        CancellationToken stop
    )
    {
        var state = default(CheckProgress);
        var work = world
            .Loops.All[0]
            .RunAsync(async () =>
            {
                await using var storage = new TorrentStorage(world.Disk, metainfo.Info, root);
                var verifier = new PieceVerifier(metainfo, world.Workers);
                return await DataCheck.RunAsync(storage, verifier, only: null, now => state = now, stop);
            });
        await new ProgressDisplay(context.ProcessEnvironment, context.ConsoleOutput, world.Clock).UntilAsync(
            work,
            () => ProgressBarView.Of("checking", state.CheckedBytes, state.TotalBytes),
            () => TransferEvents.Work(context.ConsoleOutput, state.CheckedBytes, state.TotalBytes),
            stop
        );
        return await work;
    }

    private static void Report(ConsoleOutput reporter, FileCheck file, TorrentInfo info)
    {
        var pieces = file.BadPieces.Count;
        var what =
            file.LengthOnDisk is null ? "missing"
            : pieces > 0 ? $"{pieces} of its pieces are missing or wrong"
            : $"{HumanFormat.Bytes(file.LengthOnDisk.Value)} on disk instead of {HumanFormat.Bytes(file.File.Length)}";
        reporter.Event(
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
            $"missing: {file.File.Display}: {what}"
        );
    }
}
