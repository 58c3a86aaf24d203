using Anatomic.Engine.Hashing;
using Anatomic.Engine.Resume;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Storage;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Torrents;

/// <summary>Commands that move, rename or delete a torrent's files, whether it runs or not.</summary>
internal sealed class DataCommands(TorrentCore core)
{
    private CancellationTokenSource? moving;

    /// <summary>Ends a running move, which is then undone.</summary>
    public void Cancel() => moving?.Cancel();

    /// <summary>Moves or renames the files.</summary>
    /// <param name="edit">Makes the new layout of the present one.</param>
    /// <param name="change">The settings that belong to the new layout.</param>
    public async Task RelocateAsync(
        Func<StorageLayout, TorrentInfo, StorageLayout> edit,
        Func<TorrentSettings, TorrentSettings> change
    )
    {
        using var stop = new CancellationTokenSource();
        moving = stop;
        try
        {
            await core.Lifecycle.WakeAndCheckAsync();
            await core.LoadMetainfoAsync(stop.Token);
            var metainfo =
                core.Identity.Metainfo ?? throw new EngineException("The files of the torrent are not known yet.");
            if (core.Lifecycle.Phase is TransferPhase transfer)
            {
                var to = edit(transfer.Data.Storage.Layout, metainfo.Info);
                var relocating = transfer.RelocateAsync(to, core.BatchWith(change), stop.Token);
                core.Publisher.Publish(TorrentEventKind.StateChanged, "the data moves");
                await relocating;
                core.Adopt(change);
                core.Publisher.Publish(TorrentEventKind.StateChanged, "the data was moved");
            }
            else
            {
                await RelocateClosedAsync(metainfo, edit, change, stop.Token);
            }
        }
        finally
        {
            moving = null;
        }
    }

    /// <summary>Deletes the torrent's own files; those of others stay. The torrent must not run.</summary>
    public async Task DeleteAsync()
    {
        if (await core.ReadMetainfoAsync() is not { } metainfo)
        {
            return;
        }
        var resources = core.Shared.DiskOf(core.Loop);
        // Without a record nothing was ever written, and the files at the place are not ours.
        if (
            core.Shared.Resume is not { } resume
            || await resume.LoadAsync(metainfo.Info, CancellationToken.None) is not { } record
        )
        {
            return;
        }
        await using var storage = new TorrentStorage(resources.Files, metainfo.Info, record.Layout);
        await new StorageCleanup(resources.Disk).DeleteDataAsync(storage, CancellationToken.None);
    }

    private async Task RelocateClosedAsync(
        TorrentMetainfo metainfo,
        Func<StorageLayout, TorrentInfo, StorageLayout> edit,
        Func<TorrentSettings, TorrentSettings> change,
        CancellationToken stop
    )
    {
        var opened = await new DataOpener(core.Shared.DiskOf(core.Loop), core.Shared.Resume).OpenAsync(
            new DataRequest
            {
                Verifier = new PieceVerifier(metainfo, core.Shared.World.Workers),
                Place = core.Settings.Place,
                Wants = core.Settings.Wants,
                IsDataExpected = true,
                Overwrite = core.Settings.Overwrite,
            },
            static _ => { },
            stop
        );
        await using var storage = opened.Storage;
        await new DataMover(storage, core.Shared.Resume).RunAsync(
            edit(storage.Layout, metainfo.Info),
            () => opened.Have,
            core.BatchWith(change),
            progress: null,
            stop
        );
        core.Adopt(change);
    }
}
