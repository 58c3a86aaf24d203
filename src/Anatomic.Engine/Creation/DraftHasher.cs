using Anatomic.Engine.Hashing;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Creation;

/// <summary>Reads the files of a draft and adds their hashes to it.</summary>
internal sealed class DraftHasher(IWorld world, MetainfoDraft draft, string root, IReadOnlyList<SourceFile> sources)
{
    private bool HasV1 => draft.Format != TorrentFormat.V2;

    private bool HasV2 => draft.Format != TorrentFormat.V1;

    public async Task<MetainfoDraft> RunAsync(int? concurrency, Action<CreateProgress>? report, CancellationToken stop)
    {
        // With any hashes the draft is already a valid torrent, so its data can be read like any other torrent's.
        var info = TorrentCreator.Read(WithPlaceholders().Write()).Info;
        var v1 = new byte[HasV1 ? info.PieceCount * Hash20.Length : 0];
        var v2 = new byte[HasV2 ? info.PieceCount * Hash32.Length : 0];
        var progress = new CreateProgress(0, info.Size);
        await using var storage = new TorrentStorage(world.Disk, info, SourceLayout(info));
        await new PieceScan<(Hash20, Hash32)>(storage, world.Workers)
        {
            MaxConcurrentReads = concurrency,
            Work = (piece, bytes) =>
                (HasV1 ? PieceDigest.V1([bytes]) : default, HasV2 ? PieceDigest.V2([bytes], info, piece) : default),
            Completed = (piece, hashes) =>
            {
                Store(piece, hashes, v1, v2);
                progress = progress with { HashedBytes = progress.HashedBytes + info.PieceContentSize(piece) };
                report?.Invoke(progress);
            },
            Missing = piece => throw Changed(info.FileAt((long)piece.Value * info.PieceLength).Display),
        }.RunAsync([.. Enumerable.Range(0, info.PieceCount).Select(i => new PieceIndex(i))], stop);
        if (await SourceFiles.FindChangedAsync(world.Disk, sources, stop) is { } changed)
        {
            throw Changed(changed.Entry.Path);
        }
        return Fill(info, v1, v2);
    }

    private MetainfoDraft WithPlaceholders()
    {
        var layout = draft with
        {
            Files =
            [
                .. draft.Files.Select(
                    (file, number) =>
                        file with
                        {
                            // A root of its own: files with one root have one length.
                            PiecesRoot = HasV2 && file.Length > 0 ? new Hash32(1, (ulong)number, 0, 0) : null,
                        }
                ),
            ],
        };
        return layout with { PieceHashesV1 = new byte[HasV1 ? layout.PieceCount * Hash20.Length : 0] };
    }

    /// <summary>
    /// The paths of the source files. The torrent's cleaned paths cannot be used, as one may be the name of another
    /// file.
    /// </summary>
    private StorageLayout SourceLayout(TorrentInfo info)
    {
        var paths = new Dictionary<int, string>();
        for (var i = 0; i < sources.Count; i++)
        {
            paths[i] = string.Join('/', sources[i].Path);
        }
        return new StorageLayout(info, new DataPlace(root, IsTorrent: true), info.Name, paths, new HashSet<int>());
    }

    private static void Store(PieceIndex piece, (Hash20 V1, Hash32 V2) hashes, byte[] v1, byte[] v2)
    {
        if (v1.Length > 0)
        {
            hashes.V1.CopyTo(v1.AsSpan(piece.Value * Hash20.Length));
        }
        if (v2.Length > 0)
        {
            hashes.V2.CopyTo(v2.AsSpan(piece.Value * Hash32.Length));
        }
    }

    private MetainfoDraft Fill(TorrentInfo info, byte[] v1, byte[] v2)
    {
        var files = draft.Files.ToArray();
        for (var i = 0; HasV2 && i < files.Length; i++)
        {
            var file = info.ContentFiles[i];
            if (file.Length == 0)
            {
                continue;
            }
            var first = (int)(file.Offset / info.PieceLength);
            var count = (int)((file.Length - 1) / info.PieceLength) + 1;
            var layer = v2.AsMemory(first * Hash32.Length, count * Hash32.Length);
            files[i] =
                count == 1
                    ? files[i] with
                    {
                        PiecesRoot = new Hash32(layer.Span),
                    }
                    : files[i] with
                    {
                        PiecesRoot = Merkle.RootOfLayer(layer.Span, info.PieceLength),
                        PieceLayer = layer,
                    };
        }
        return draft with { Files = files, PieceHashesV1 = v1 };
    }

    private static EngineException Changed(string path) =>
        new($"{path} changed while it was read. Create the torrent again when nothing writes to it.");
}
