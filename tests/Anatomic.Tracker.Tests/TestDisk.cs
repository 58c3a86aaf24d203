using Anatomic.World;

namespace Anatomic.Tracker.Tests;

/// <summary>A disk with a few files in memory.</summary>
public sealed class TestDisk : IDisk
{
    public IDictionary<string, byte[]> Files { get; } = new Dictionary<string, byte[]>();

    /// <summary>Writing a file of this many bytes or more fails.</summary>
    public int FullAt { get; set; } = int.MaxValue;

    public ValueTask<IFile> OpenAsync(string path, OpenMode use, CancellationToken stop)
    {
        if (use == OpenMode.Write)
        {
            Files.TryAdd(path, []);
        }
        return ValueTask.FromResult<IFile>(new TestFile(this, path));
    }

    public DiskEntry? Find(string path) =>
        Files.TryGetValue(path, out var bytes)
            ? new DiskEntry(path, IsFolder: false, bytes.Length, DateTimeOffset.UnixEpoch)
            : null;

    public IReadOnlyList<DiskEntry> List(string folder) => [];

    public void CreateFolder(string path) { }

    public ValueTask RenameAsync(string from, string to, CancellationToken stop)
    {
        Files.Remove(from, out var bytes);
        Files[to] = bytes!;
        return ValueTask.CompletedTask;
    }

    public void Delete(string path) => Files.Remove(path);

    public void SetExecutable(string path) { }

    private sealed class TestFile(TestDisk disk, string path) : IFile
    {
        public long Length => disk.Files[path].Length;

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

        public void SetLength(long length) => disk.Files[path] = disk.Files[path][..(int)length];

        public ValueTask FlushAsync(CancellationToken stop) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
