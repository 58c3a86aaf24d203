using Anatomic.World;

namespace Anatomic.Tracker.Tests;

/// <summary>A disk with a few files in memory.</summary>
public sealed class TestDisk : IDisk
{
    public IDictionary<string, byte[]> Files { get; } = new Dictionary<string, byte[]>();

    /// <summary>Writing a file of this many bytes or more fails.</summary>
    public int FullAt { get; set; } = int.MaxValue;

    public ValueTask<IFile> OpenAsync(DiskPath path, OpenMode use, CancellationToken stop)
    {
        if (use != OpenMode.Read)
        {
            Files.TryAdd(path.Full, []);
        }
        return ValueTask.FromResult<IFile>(new TestFile(this, path.Full));
    }

    public ValueTask<IReadOnlyList<DiskEntry?>> FindAsync(IReadOnlyList<DiskPath> paths, CancellationToken stop) =>
        ValueTask.FromResult<IReadOnlyList<DiskEntry?>>([.. paths.Select(path => Find(path.Full))]);

    public ValueTask<IReadOnlyList<DiskEntry>> ListAsync(DiskPath folder, CancellationToken stop) =>
        ValueTask.FromResult<IReadOnlyList<DiskEntry>>([]);

    public ValueTask CreateFolderAsync(DiskPath path, CancellationToken stop) => ValueTask.CompletedTask;

    public ValueTask RenameAsync(DiskPath from, DiskPath to, CancellationToken stop)
    {
        Files.Remove(from.Full, out var bytes);
        Files[to.Full] = bytes!;
        return ValueTask.CompletedTask;
    }

    public ValueTask DeleteAsync(DiskPath path, CancellationToken stop)
    {
        Files.Remove(path.Full);
        return ValueTask.CompletedTask;
    }

    public ValueTask SetExecutableAsync(DiskPath path, CancellationToken stop) => ValueTask.CompletedTask;

    public ValueTask<long> GetFreeBytesAsync(DiskPath path, CancellationToken stop) => ValueTask.FromResult(0L);

    private DiskEntry? Find(string path) =>
        Files.TryGetValue(path, out var bytes)
            ? new DiskEntry(path, IsFolder: false, bytes.Length, DateTimeOffset.UnixEpoch)
            : null;

    private sealed class TestFile(TestDisk disk, string path) : IFile
    {
        private long Length => disk.Files[path].Length;

        public ValueTask<long> GetLengthAsync(CancellationToken stop) => ValueTask.FromResult(Length);

        public ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
        {
            var rest = disk.Files[path].AsMemory((int)Math.Min(offset, Length));
            rest = rest[..Math.Min(rest.Length, into.Length)];
            rest.CopyTo(into);
            return ValueTask.FromResult(rest.Length);
        }

        public ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken stop)
        {
            byte[] whole = [.. disk.Files[path].AsSpan(0, (int)offset), .. parts.SelectMany(part => part.ToArray())];
            if (whole.Length >= disk.FullAt)
            {
                throw new DiskException(DiskFault.Full, "the disk is full");
            }
            disk.Files[path] = whole;
            return ValueTask.CompletedTask;
        }

        public ValueTask SetLengthAsync(long length, CancellationToken stop)
        {
            disk.Files[path] = disk.Files[path][..(int)length];
            return ValueTask.CompletedTask;
        }

        public ValueTask AllocateAsync(long length, CancellationToken stop) => ValueTask.CompletedTask;

        public ValueTask FlushAsync(CancellationToken stop) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
