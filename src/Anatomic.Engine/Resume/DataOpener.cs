using Anatomic.Engine.Hashing;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Resume;

/// <summary>
/// Opens a torrent's data: finds or makes its layout, takes from its resume data what is still true, checks the rest,
/// and makes the files ready. Called from one loop.
/// </summary>
internal sealed class DataOpener(StorageResources resources, ResumeStore? resume)
{
    /// <param name="request">What is opened, and what for.</param>
    /// <param name="progress">Called on the loop while data is checked.</param>
    /// <param name="stop">Ends the check.</param>
    /// <exception cref="EngineException">
    /// A file on disk would be overwritten, or there is nothing to seed.
    /// </exception>
    /// <exception cref="DiskException">The disk failed.</exception>
    public async Task<OpenedData> OpenAsync(DataRequest request, Action<CheckProgress> progress, CancellationToken stop)
    {
        var info = request.Verifier.Metainfo.Info;
        var storage = new TorrentStorage(resources.Files, info, StorageLayout.Default(info, request.Place));
        try
        {
            return new OpenedData(storage, await OpenAsync(storage, request, progress, stop));
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }

    private async Task<PieceSet> OpenAsync(
        TorrentStorage storage,
        DataRequest request,
        Action<CheckProgress> progress,
        CancellationToken stop
    )
    {
        var (record, movedFrom) = await LoadAsync(storage, request.Place, stop);
        var entries = await storage.FindFilesAsync(stop);
        ResumeData? resumed = null;
        if (record is not null)
        {
            resumed = await resume!.CompareAsync(record, storage, entries, stop);
            storage.Layout = resumed.Layout;
            if (request.IsDataExpected && resumed.MissingFile is { } missing)
            {
                throw new EngineException($"{missing} is missing: put it back, or check the torrent again");
            }
        }
        var have = resumed is null && request.SkipsCheck ? Presumed(storage.Info, entries) : resumed?.HavePieces;
        if (have is null || resumed?.PiecesToCheck.IsEmpty == false)
        {
            using var turn = await resources.Checks.EnterAsync(stop);
            var check = new CheckRun(storage, request.Verifier, entries, resumed?.PiecesToCheck, progress);
            var good = (await check.RunAsync(stop)).Good;
            have = have is null ? good : Union(have, good);
        }
        if (request.SeedOnly)
        {
            ThrowIfExcess(storage.Info, entries);
            if (have!.IsEmpty)
            {
                throw new EngineException($"{storage.Layout.Root} contains none of the torrent's data");
            }
        }
        else
        {
            await new StoragePreparation(storage, have!, entries)
            {
                Wants = request.Wants,
                Overwrite = request.Overwrite,
                IsOurs = file => resumed?.OurFiles.Contains(file) == true,
            }.RunAsync(stop);
        }
        if (resume is not null)
        {
            storage.Writing = marking => resume.MarkWritingAsync(storage, marking);
            if (resumed is null || !resumed.PiecesToCheck.IsEmpty || movedFrom is not null)
            {
                // From now on the layout is durable, and a crash does not repeat the check.
                await resume.SaveAsync(storage, have!, stop);
            }
            if (movedFrom is not null)
            {
                await new DataMover(storage, resume).FinishAsync(movedFrom);
            }
        }
        return have!;
    }

    /// <summary>
    /// Gives the storage its layout: from the record, or made by what is on disk. Goes on with a move that was
    /// interrupted, and returns the layout before it.
    /// </summary>
    private async Task<(ResumeRecord? Record, StorageLayout? MovedFrom)> LoadAsync(
        TorrentStorage storage,
        DataPlace place,
        CancellationToken stop
    )
    {
        var record = resume is null ? null : await resume.LoadAsync(storage.Info, stop);
        if (
            resume is not null
            && await resume.LoadMoveAsync(storage.Info, stop) is var (from, to)
            && (place == from.Place || place == to.Place)
        )
        {
            storage.Layout = from;
            await new DataMover(storage, resume).ContinueAsync(to, stop);
            return (record?.WithLayout(to), from);
        }
        // The torrent was added again, at another place.
        record = record?.Layout.Place == place ? record : null;
        storage.Layout = record?.Layout ?? await DataLocator.PlanAsync(resources.Disk, storage.Info, place, stop);
        return (record, null);
    }

    /// <summary>Makes the files ready for another selection, while the torrent is active.</summary>
    /// <exception cref="EngineException">A file on disk would be overwritten.</exception>
    public async Task SelectAsync(
        TorrentStorage storage,
        PieceSet have,
        TorrentSettings settings,
        TorrentSettings before,
        CancellationToken stop
    )
    {
        var entries = await storage.FindKnownFilesAsync(stop);
        await new StoragePreparation(storage, have, entries)
        {
            Wants = settings.Wants,
            Overwrite = settings.Overwrite,
            IsOurs = file => before.Wants(file) || storage.HasWritten(storage.Info.ContentFiles[file]),
        }.RunAsync(stop);
        resources.Cache.Clear(storage);
        if (resume is not null)
        {
            await resume.SaveAsync(storage, have, stop);
        }
    }

    private static PieceSet Union(PieceSet have, PieceSet good)
    {
        var both = have.Clone();
        for (var i = 0; i < good.Count; i++)
        {
            if (good[new PieceIndex(i)])
            {
                both.Add(new PieceIndex(i));
            }
        }
        return both;
    }

    /// <summary>The pieces whose files all have their full length.</summary>
    private static PieceSet Presumed(TorrentInfo info, IReadOnlyList<DiskEntry?> entries)
    {
        var have = new PieceSet(info.PieceCount);
        have.AddAll();
        for (var i = 0; i < info.ContentFiles.Count; i++)
        {
            var file = info.ContentFiles[i];
            if (file.Length == 0 || entries[i]?.Length == file.Length)
            {
                continue;
            }
            for (var piece = file.Offset / info.PieceLength; piece <= (file.End - 1) / info.PieceLength; piece++)
            {
                have.Remove(new PieceIndex((int)piece));
            }
        }
        return have;
    }

    private static void ThrowIfExcess(TorrentInfo info, IReadOnlyList<DiskEntry?> entries)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (StoragePreparation.FindExcess(info.ContentFiles[i], entries[i]) is { } excess)
            {
                throw new EngineException(excess);
            }
        }
    }
}

/// <summary>What is to be opened, and what for.</summary>
internal sealed record DataRequest
{
    public required PieceVerifier Verifier { get; init; }

    public required DataPlace Place { get; init; }

    /// <summary>Whether a file is wanted, by its index among the files without padding.</summary>
    public required Func<int, bool> Wants { get; init; }

    /// <summary>Without resume data, files of the right length are trusted instead of checked.</summary>
    public bool SkipsCheck { get; init; }

    /// <summary>Nothing is written: the data is only uploaded.</summary>
    public bool SeedOnly { get; init; }

    /// <summary>A file that had data and is gone is a failure, as its disk may be unmounted.</summary>
    public bool IsDataExpected { get; init; }

    /// <inheritdoc cref="StoragePreparation.Overwrite"/>
    public bool Overwrite { get; init; }
}

/// <param name="Storage">The torrent's files.</param>
/// <param name="Have">The pieces that are there and valid.</param>
internal sealed record OpenedData(TorrentStorage Storage, PieceSet Have);
