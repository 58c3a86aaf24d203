using System.Numerics;
using System.Security.Cryptography;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Metainfo;

/// <summary>
/// Reads and validates an info dictionary. The v1 and v2 parts of a hybrid must describe the same files.
/// </summary>
internal sealed class InfoReader(BencodeValue info)
{
    private string name = "";
    private int pieceLength;
    private bool isV1;
    private bool isV2;
    private ReadOnlyMemory<byte> hashes;

    public Fault? Fault { get; private set; }

    private long MaxSpace => (long)pieceLength * MetainfoLimits.MaxPieces;

    /// <summary>Null on a fault; see <see cref="Fault"/>.</summary>
    public TorrentInfo? Read()
    {
        if (info.Kind != BencodeKind.Dictionary)
        {
            return Fail("the info value is not a dictionary", info.Position);
        }
        if (info.Raw.Length > MetainfoLimits.MaxInfoBytes)
        {
            return Fail($"the info dictionary is longer than {MetainfoLimits.MaxInfoBytes >> 20} MiB", info.Position);
        }
        if (!TryReadVersion() || !TryReadName() || !TryReadPieceLength())
        {
            return null;
        }
        return ReadFiles() is var (files, single) ? Make(files, single) : null;
    }

    private bool TryReadVersion()
    {
        isV1 = info.Find("pieces"u8) is not null;
        isV2 = info.TryGetInteger("meta version"u8, out var version) && version == 2;
        if (version is not (0 or 1 or 2))
        {
            return Reject($"meta version {version} is not supported", info.Find("meta version"u8)!.Position);
        }
        if (!isV1 && !isV2)
        {
            return Reject("the info dictionary has no pieces", info.Position);
        }
        if (isV1 && (!info.TryGetBytes("pieces"u8, out hashes) || hashes.Length % Hash20.Length != 0))
        {
            return Reject("the pieces are not a string of 20 bytes per piece", info.Find("pieces"u8)!.Position);
        }
        return true;
    }

    private bool TryReadName()
    {
        var fine =
            info.TryGetText("name.utf-8"u8, out var written) && written.Length > 0
            || info.TryGetText("name"u8, out written);
        name = written ?? "";
        return fine || Reject("the info dictionary has no name", info.Position);
    }

    private bool TryReadPieceLength()
    {
        if (!info.TryGetInteger("piece length"u8, out var length))
        {
            return Reject("the info dictionary has no piece length", info.Position);
        }
        var position = info.Find("piece length"u8)!.Position;
        if (length is < 1 or > MetainfoLimits.MaxPieceLength)
        {
            return Reject($"piece length {length} is not allowed", position);
        }
        if (isV2 && (length < MetainfoLimits.MinPieceLengthV2 || !BitOperations.IsPow2(length)))
        {
            return Reject($"piece length {length} is not a power of two of at least 16 KiB, as v2 requires", position);
        }
        pieceLength = (int)length;
        return true;
    }

    private (TorrentFile[] Files, bool IsSingle)? ReadFiles()
    {
        var v1 = isV1 ? Read(reader => reader.ReadV1(), 1) : null;
        if (isV1 && v1 is null)
        {
            return null;
        }
        var v2 = isV2 ? Read(reader => reader.ReadV2(), pieceLength) : null;
        if (isV2 && v2 is null)
        {
            return null;
        }
        if (v2 is { } trees && !HaveOwnRoots(trees.Files))
        {
            return null;
        }
        if (v1 is not { } first || v2 is not { } second)
        {
            return v1 ?? v2;
        }
        return Merge(first, second) is { } both ? (both, first.IsSingle) : null;
    }

    /// <summary>
    /// Files with one root have the same content. With different lengths, one of them could not be checked with the
    /// layer of the other.
    /// </summary>
    private bool HaveOwnRoots(TorrentFile[] files)
    {
        var lengths = new Dictionary<Hash32, long>(files.Length);
        foreach (var file in files)
        {
            if (file.PiecesRoot is { } root && !lengths.TryAdd(root, file.Length) && lengths[root] != file.Length)
            {
                return Reject(
                    $"the file {file.Display} has the pieces root of a file of another length",
                    info.Position
                );
            }
        }
        return true;
    }

    private (TorrentFile[] Files, bool IsSingle)? Read(
        Func<FileListReader, (List<FileEntry> Files, bool IsSingle)?> read,
        int alignTo
    )
    {
        var reader = new FileListReader(info, name);
        if (read(reader) is not var (written, single))
        {
            Fault ??= reader.Fault;
            return null;
        }
        if (FileLayout.Assign(written, name, single, alignTo, MaxSpace) is not { } files)
        {
            Reject($"the files need more than {MetainfoLimits.MaxPieces:N0} pieces", info.Position);
            return null;
        }
        return (files, single);
    }

    /// <summary>Adds to the v1 files, padding included, what only v2 knows.</summary>
    private TorrentFile[]? Merge((TorrentFile[] Files, bool IsSingle) v1, (TorrentFile[] Files, bool IsSingle) v2)
    {
        var merged = new List<TorrentFile>(v1.Files.Length);
        var next = 0;
        foreach (var file in v1.Files)
        {
            if (file.IsPadding)
            {
                merged.Add(file);
                continue;
            }
            if (next == v2.Files.Length || !IsSame(file, v2.Files[next]))
            {
                Reject($"the v1 and v2 parts disagree about the file {file.Display}", info.Position);
                return null;
            }
            merged.Add(file with { PiecesRoot = v2.Files[next++].PiecesRoot });
        }
        if (next < v2.Files.Length || v1.IsSingle != v2.IsSingle)
        {
            Reject("the v1 and v2 parts disagree about the number of files", info.Position);
            return null;
        }
        return [.. merged];
    }

    private static bool IsSame(TorrentFile first, TorrentFile second) =>
        first.Length == second.Length
        && (first.Offset == second.Offset || first.Length == 0)
        && first.Path.SequenceEqual(second.Path)
        && (first.OriginalPath ?? first.Path).SequenceEqual(second.OriginalPath ?? second.Path);

    private TorrentInfo? Make(TorrentFile[] files, bool single)
    {
        var size = files.Where(file => !file.IsPadding).Sum(file => file.Length);
        if (size == 0)
        {
            return Fail("the torrent contains no data", info.Position);
        }
        var space = files.Max(file => file.End);
        var count = (int)((space - 1) / pieceLength) + 1;
        if (isV1 && hashes.Length / Hash20.Length != count)
        {
            var there = hashes.Length / Hash20.Length;
            return Fail(
                $"there are {there:N0} piece hashes, but the files have {count:N0} pieces",
                info.Find("pieces"u8)!.Position
            );
        }
        var isPrivate = info.TryGetInteger("private"u8, out var mark) && mark != 0;
        return new TorrentInfo(files)
        {
            Raw = info.Raw,
            HashV1 = isV1 ? new Hash20(SHA1.HashData(info.Raw.Span)) : null,
            HashV2 = isV2 ? new Hash32(SHA256.HashData(info.Raw.Span)) : null,
            Name = PathCleaner.Clean(name),
            IsSingleFile = single,
            PieceLength = pieceLength,
            PieceCount = count,
            Size = size,
            SpaceLength = space,
            PieceHashesV1 = hashes,
            IsPrivate = isPrivate,
            SourceTag = info.TryGetText("source"u8, out var source) ? source : null,
        };
    }

    private TorrentInfo? Fail(string what, int position)
    {
        Reject(what, position);
        return null;
    }

    private bool Reject(string what, int position)
    {
        Fault ??= new Fault(what, position);
        return false;
    }
}
