using Anatomic.Engine.Hashing;
using Anatomic.Engine.Settings;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Torrents;

/// <summary>What follows when the metadata or the piece layers of a torrent were downloaded from peers.</summary>
internal sealed class MetadataSteps(TorrentCore core)
{
    /// <summary>Takes over the info dictionary of a magnet link.</summary>
    public void Completed(TorrentLifecycle lifecycle, TorrentInfo info)
    {
        var metainfo = core.Identity.ToMetainfo(info);
        lifecycle.Swarm!.SetMetainfo(metainfo);
        lifecycle.Begin(() => ApplyAsync(lifecycle, metainfo));
    }

    /// <summary>Takes over the piece layers of a v2 torrent.</summary>
    public void LayersCompleted(TorrentLifecycle lifecycle, TorrentMetainfo metainfo) =>
        lifecycle.Begin(async () =>
        {
            await core.SetMetainfoAsync(metainfo, core.Settings);
            if (lifecycle.Swarm is not { } swarm)
            {
                return;
            }
            if (lifecycle.Phase is MetadataPhase)
            {
                lifecycle.StartCheck(swarm);
            }
            else if (swarm.Context.Verifier is not null)
            {
                swarm.Context.Verifier = new PieceVerifier(metainfo, core.Shared.World.Workers);
            }
        });

    private async Task ApplyAsync(TorrentLifecycle lifecycle, TorrentMetainfo metainfo)
    {
        if (lifecycle.Phase is not MetadataPhase)
        {
            return;
        }
        if (FileSelection.Resolve(core.Settings, metainfo.Info, core.Identity.Magnet, out var settings) is { } fault)
        {
            lifecycle.Fail(fault, isLasting: true);
            return;
        }
        var mode = settings.StopAtMetadata ? RunMode.Stopped : settings.Mode;
        await core.SetMetainfoAsync(metainfo, settings with { StopAtMetadata = false, Mode = mode });
        core.Publisher.Publish(TorrentEventKind.MetadataKnown, "");
        lifecycle.Run?.MetadataKnown(metainfo.Info);
        if (mode == RunMode.Stopped)
        {
            await lifecycle.StopAsync(TorrentEventKind.StateChanged, "the metadata is known");
        }
        else if (lifecycle.Phase is MetadataPhase && lifecycle.Swarm is { CanCheck: true } swarm)
        {
            lifecycle.StartCheck(swarm);
        }
    }
}
