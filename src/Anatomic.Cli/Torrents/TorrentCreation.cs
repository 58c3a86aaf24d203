using Anatomic.Cli.Display;
using Anatomic.Cli.Invocation;
using Anatomic.Engine.Creation;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Cli.Torrents;

/// <summary>Creates a torrent from data on disk.</summary>
internal static class TorrentCreation
{
    /// <summary>Hashes the data on a loop of the world and shows the progress.</summary>
    public static async Task<TorrentMetainfo> RunAsync(
        VerbContext context,
        IWorld world,
        string path,
        CreateOptions options,
        CancellationToken stop
    )
    {
        var progress = default(CreateProgress);
        var work = world
            .Loops.All[0]
            .RunAsync<TorrentMetainfo>(() =>
                TorrentCreator.CreateAsync(world, path, options, latest => progress = latest, stop)
            );
        await new ProgressDisplay(context.Environment, context.Output, world.Clock).ShowUntilAsync(
            work,
            () => ProgressBarView.Render("hashing", progress.HashedBytes, progress.TotalBytes),
            () => TransferEvents.LocalProgress(context.Output, progress.HashedBytes, progress.TotalBytes),
            stop
        );
        return await work;
    }
}
