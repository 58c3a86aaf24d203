using Anatomic.Engine.Hashing;
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
    /// <exception cref="EngineException">
    /// A file on disk would be overwritten, or there is nothing to seed.
    /// </exception>
    /// <exception cref="DiskException">The disk failed.</exception>
    public async Task<OpenedData> OpenAsync(DataRequest request, Action<CheckProgress> progress, CancellationToken stop)
    {
        var info = request.Verifier.Metainfo.Info;
        var record = resume is null ? null : await resume.LoadAsync(info, request.Place, stop);
        var layout = record?.Layout ?? await DataLocator.PlanAsync(resources.Disk, info, request.Place, stop);
        var storage = new TorrentStorage(resources.Files, info, layout);
        try
        {
            return await OpenAsync(request, record, storage, progress, stop);
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }

    private async Task<OpenedData> OpenAsync(
        DataRequest request,
        ResumeRecord? record,
        TorrentStorage storage,
        Action<CheckProgress> progress,
        CancellationToken stop
    )
    {
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
        var have = resumed?.HavePieces;
        if (resumed?.PiecesToCheck.IsEmpty != true)
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
            if (resumed is null || !resumed.PiecesToCheck.IsEmpty)
            {
                // From now on the layout is durable, and a crash does not repeat the check.
                await resume.SaveAsync(storage, have!, stop);
            }
        }
        return new OpenedData(storage, have!);
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

    /// <summary>
    /// A file that the resume data knows and that is gone is a failure: its disk may be unmounted.
    /// </summary>
    public bool IsDataExpected { get; init; }

    /// <summary>Nothing is written: the data is only uploaded.</summary>
    public bool SeedOnly { get; init; }

    /// <inheritdoc cref="StoragePreparation.Overwrite"/>
    public bool Overwrite { get; init; }
}

/// <param name="Storage">The torrent's files.</param>
/// <param name="Have">The pieces that are there and valid.</param>
internal sealed record OpenedData(TorrentStorage Storage, PieceSet Have);
