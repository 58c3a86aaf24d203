using System.Buffers.Binary;
using Anatomic.Tracker;
using Anatomic.Tracker.Snapshots;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// Snapshots of swarms: the input as a file, and as payloads of chunks with valid digests, each preceded by its kind (1
/// byte) and length (2). A file is loaded completely or not at all, and saving reproduces what was loaded.
/// </summary>
internal sealed class SnapshotTarget : IFuzzTarget
{
    private const string Path = "/swarms.snapshot";

    public string Name => "snapshot";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [(byte)'H', 0, 20, .. "ANATOMIC"u8, 0, 0, 0, 1],
        [(byte)'S', 0, 36],
        [(byte)'S', 0, 45],
        [(byte)'E', 0, 16],
        [0, 0, 0, 1, 0, 0, 0, 0],
        [0xff, 0xff, 0xff, 0xff],
    ];

    public void Run(byte[] input)
    {
        Walk(input, out _);
        var file = new OneFile(Sealed(input));
        var isWhole = Walk(file.Bytes, out _);
        using var underFire = new FuzzedTracker();
        var tracker = underFire.Service;
        var load = Load(tracker, file);
        var figures = tracker.ReadStatistics();
        Invariant.Holds(load.Fault is null == isWhole);
        Invariant.Holds(figures.Seeds + figures.Leechers == load.Peers && (isWhole || load.Peers == 0));
        tracker.SaveAsync(file, Path, CancellationToken.None).GetAwaiter().GetResult();
        Invariant.Holds(Walk(file.Bytes, out var peers) && peers == load.Peers);
    }

    /// <summary>Reads chunks up to the first fault; true for a complete snapshot with nothing after it.</summary>
    private static bool Walk(ReadOnlySpan<byte> file, out long peers)
    {
        var reader = new SnapshotReader();
        peers = 0;
        do
        {
            var fits = SnapshotChunk.TryReadLength(file, out var length) && length <= file.Length;
            if (!reader.TryReadChunk(fits ? file[..length] : file, out _, out var fault))
            {
                Invariant.Holds(fault.What.Length > 0);
                return false;
            }
            file = file[length..];
        } while (!reader.IsComplete || !file.IsEmpty);
        peers = reader.Peers;
        return true;
    }

    private static SnapshotLoadResult Load(TrackerService tracker, OneFile file) =>
        tracker.LoadAsync(file, Path, CancellationToken.None).GetAwaiter().GetResult();

    private static byte[] Sealed(ReadOnlySpan<byte> input)
    {
        var file = new List<byte>();
        var chunk = new SnapshotChunk();
        for (var number = 0L; input.Length >= 3; number++)
        {
            var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input[1..]), input.Length - 3);
            var payload = input.Slice(3, Math.Min(length, SnapshotChunk.MaxPayloadBytes));
            payload.CopyTo(chunk.FreeSpace);
            chunk.Advance(payload.Length);
            file.AddRange(chunk.Seal((ChunkKind)input[0], number).Span);
            input = input[(3 + length)..];
        }
        return [.. file];
    }

    /// <summary>A disk with one file, under any name.</summary>
    private sealed class OneFile(byte[] bytes) : IDisk, IFile
    {
        private byte[] bytes = bytes;

        public byte[] Bytes => bytes;

        public ValueTask<long> GetLengthAsync(CancellationToken stop) => ValueTask.FromResult((long)bytes.Length);

        public ValueTask<IFile> OpenAsync(DiskPath path, OpenMode use, CancellationToken stop)
        {
            bytes = use == OpenMode.CreateNew ? [] : bytes;
            return ValueTask.FromResult<IFile>(this);
        }

        public ValueTask<IReadOnlyList<DiskEntry?>> FindAsync(IReadOnlyList<DiskPath> paths, CancellationToken stop) =>
            ValueTask.FromResult<IReadOnlyList<DiskEntry?>>([
                .. paths.Select(path => new DiskEntry(
                    path.Full,
                    IsFolder: false,
                    bytes.Length,
                    DateTimeOffset.UnixEpoch
                )),
            ]);

        public ValueTask<IReadOnlyList<DiskEntry>> ListAsync(DiskPath folder, CancellationToken stop) =>
            ValueTask.FromResult<IReadOnlyList<DiskEntry>>([]);

        public ValueTask CreateFolderAsync(DiskPath path, CancellationToken stop) => ValueTask.CompletedTask;

        public ValueTask RenameAsync(DiskPath from, DiskPath to, CancellationToken stop) => ValueTask.CompletedTask;

        public ValueTask DeleteAsync(DiskPath path, CancellationToken stop) => ValueTask.CompletedTask;

        public ValueTask SetExecutableAsync(DiskPath path, CancellationToken stop) => ValueTask.CompletedTask;

        public ValueTask<long> GetFreeBytesAsync(DiskPath path, CancellationToken stop) => ValueTask.FromResult(0L);

        public ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
        {
            var rest = bytes.AsMemory((int)Math.Min(offset, bytes.Length));
            rest = rest[..Math.Min(rest.Length, into.Length)];
            rest.CopyTo(into);
            return ValueTask.FromResult(rest.Length);
        }

        public ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken stop)
        {
            bytes = [.. bytes.AsSpan(0, (int)offset), .. parts.SelectMany(part => part.ToArray())];
            return ValueTask.CompletedTask;
        }

        public ValueTask SetLengthAsync(long length, CancellationToken stop)
        {
            bytes = bytes[..(int)length];
            return ValueTask.CompletedTask;
        }

        public ValueTask AllocateAsync(long length, CancellationToken stop) => ValueTask.CompletedTask;

        public ValueTask FlushAsync(CancellationToken stop) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
