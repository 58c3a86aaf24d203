using Anatomic.World;

namespace Anatomic.Engine.Tests;

/// <summary>A disk in memory. Every write advances its clock; failures can be injected.</summary>
internal sealed class MemoryDisk : IDisk
{
    private readonly SortedDictionary<string, Node> nodes = new(StringComparer.Ordinal);
    private DateTimeOffset now = DateTimeOffset.UnixEpoch;

    public sealed class Node
    {
        public byte[]? Content { get; set; }
        public DateTimeOffset Modified { get; set; }
        public bool IsLink { get; init; }
        public bool IsExecutable { get; set; }
        public int UnflushedWrites { get; set; }
    }

    /// <summary>When set, every flush fails with it.</summary>
    public DiskException? FlushFault { get; set; }

    /// <summary>Called with the path before each read.</summary>
    public Action<string>? BeforeRead { get; set; }

    public int OpenFiles { get; private set; }

    public int MaxOpenFiles { get; set; }

    public int Reads { get; private set; }

    public int Writes { get; private set; }

    public IEnumerable<string> FilePaths =>
        nodes.Where(node => node.Value.Content is not null).Select(node => node.Key);

    public byte[] this[string path]
    {
        get => nodes[path].Content!;
        set => Put(path, value);
    }

    public void Put(string path, byte[] content, bool link = false, bool executable = false)
    {
        CreateFolder(Path.GetDirectoryName(path)!);
        nodes[path] = new Node
        {
            Content = content,
            Modified = now += TimeSpan.FromSeconds(1),
            IsLink = link,
            IsExecutable = executable,
        };
    }

    public int UnflushedWrites(string path) => nodes[path].UnflushedWrites;

    public ValueTask<IFile> OpenAsync(string path, OpenMode use, CancellationToken stop)
    {
        if (!nodes.TryGetValue(path, out var node))
        {
            if (use == OpenMode.Read)
            {
                throw new DiskException(DiskFault.NotFound, $"{path} does not exist");
            }
            Put(path, []);
            node = nodes[path];
        }
        MaxOpenFiles = Math.Max(MaxOpenFiles, ++OpenFiles);
        return ValueTask.FromResult<IFile>(new MemoryFile(this, path, node, use));
    }

    public DiskEntry? Find(string path) =>
        nodes.TryGetValue(path, out var node)
            ? new DiskEntry(
                path,
                node.Content is null,
                node.Content?.Length ?? 0,
                node.Modified,
                node.IsLink,
                node.IsExecutable
            )
            : null;

    public IReadOnlyList<DiskEntry> List(string folder) =>
        [.. nodes.Keys.Where(path => Path.GetDirectoryName(path) == folder).Select(path => Find(path)!)];

    public void CreateFolder(string path)
    {
        for (string? at = path; at is not null; at = Path.GetDirectoryName(at))
        {
            nodes.TryAdd(at, new Node());
        }
    }

    public ValueTask RenameAsync(string from, string to, CancellationToken stop)
    {
        nodes[to] = nodes[from];
        nodes.Remove(from);
        return ValueTask.CompletedTask;
    }

    public void SetExecutable(string path) => nodes[path].IsExecutable = true;

    public void Delete(string path) => nodes.Remove(path);

    private sealed class MemoryFile(MemoryDisk disk, string path, Node node, OpenMode use) : IFile
    {
        public long Length => node.Content!.Length;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
        {
            await Task.Yield();
            disk.BeforeRead?.Invoke(path);
            disk.Reads++;
            var count = (int)Math.Clamp(Length - offset, 0, into.Length);
            node.Content.AsMemory((int)Math.Min(offset, Length), count).CopyTo(into);
            return count;
        }

        public async ValueTask WriteAsync(
            long offset,
            IReadOnlyList<ReadOnlyMemory<byte>> parts,
            CancellationToken stop
        )
        {
            await Task.Yield();
            use.ShouldBe(OpenMode.Write);
            disk.Writes++;
            node.UnflushedWrites++;
            Touch();
            var length = parts.Sum(part => part.Length);
            if (Length < offset + length)
            {
                SetLength(offset + length);
            }
            foreach (var part in parts)
            {
                part.CopyTo(node.Content.AsMemory((int)offset));
                offset += part.Length;
            }
        }

        public void SetLength(long length)
        {
            use.ShouldBe(OpenMode.Write);
            var content = node.Content!;
            Array.Resize(ref content, (int)length);
            node.Content = content;
            Touch();
        }

        public ValueTask FlushAsync(CancellationToken stop)
        {
            if (disk.FlushFault is { } fault)
            {
                throw fault;
            }
            node.UnflushedWrites = 0;
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            disk.OpenFiles--;
            return ValueTask.CompletedTask;
        }

        private void Touch() => node.Modified = disk.now += TimeSpan.FromSeconds(1);
    }
}
