using Anatomic.World;

namespace Anatomic.Engine.Tests;

/// <summary>A disk in memory. Every write advances its clock; failures can be injected.</summary>
internal sealed class MemoryDisk : IDisk
{
    private readonly SortedDictionary<string, Node> nodes = new(StringComparer.Ordinal);

    public sealed class Node
    {
        public byte[]? Content { get; set; }
        public DateTimeOffset Modified { get; set; }
        public bool IsLink { get; init; }
        public bool IsExecutable { get; set; }
        public bool IsSpecial { get; init; }
        public int UnflushedWrites { get; set; }
    }

    /// <summary>The time of the last write.</summary>
    public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

    /// <summary>When set, every flush fails with it.</summary>
    public DiskException? FlushFault { get; set; }

    /// <summary>Called with the path before each read.</summary>
    public Action<string>? BeforeRead { get; set; }

    /// <summary>After so many changes to files or stores the process is dead. Null: never.</summary>
    public int? ChangesToDeath { get; set; }

    /// <summary>Paths below it are on a volume of their own.</summary>
    public string? OtherVolume { get; set; }

    public int Opens { get; private set; }

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

    public void Put(string path, byte[] content, bool link = false, bool executable = false, bool special = false)
    {
        AddFolders(Path.GetDirectoryName(path)!);
        nodes[path] = new Node
        {
            Content = content,
            Modified = Now += TimeSpan.FromSeconds(1),
            IsLink = link,
            IsExecutable = executable,
            IsSpecial = special,
        };
    }

    public int UnflushedWrites(string path) => nodes[path].UnflushedWrites;

    public DiskEntry? Find(string path) =>
        nodes.TryGetValue(path, out var node)
            ? new DiskEntry(
                path,
                node.Content is null,
                node.Content?.Length ?? 0,
                node.Modified,
                node.IsLink,
                node.IsExecutable,
                node.IsSpecial
            )
            : null;

    public void Delete(string path) => nodes.Remove(path);

    public ValueTask<IFile> OpenAsync(DiskPath path, OpenMode use, CancellationToken stop)
    {
        var full = path.Full;
        Opens++;
        if (use != OpenMode.Read)
        {
            Change();
        }
        if (nodes.TryGetValue(full, out var node))
        {
            if (use == OpenMode.CreateNew)
            {
                throw new DiskException(DiskFault.Exists, $"{full} exists already");
            }
            if (node.IsLink && use != OpenMode.Read)
            {
                throw new DiskException(DiskFault.Link, $"{full} is a link");
            }
        }
        else
        {
            if (use is OpenMode.Read or OpenMode.WriteExisting)
            {
                throw new DiskException(DiskFault.NotFound, $"{full} does not exist");
            }
            Put(full, []);
            node = nodes[full];
        }
        MaxOpenFiles = Math.Max(MaxOpenFiles, ++OpenFiles);
        return ValueTask.FromResult<IFile>(new MemoryFile(this, full, node, use));
    }

    public ValueTask<IReadOnlyList<DiskEntry?>> FindAsync(IReadOnlyList<DiskPath> paths, CancellationToken stop) =>
        ValueTask.FromResult<IReadOnlyList<DiskEntry?>>([.. paths.Select(path => Find(path.Full))]);

    public ValueTask<IReadOnlyList<DiskEntry>> ListAsync(DiskPath folder, CancellationToken stop) =>
        ValueTask.FromResult<IReadOnlyList<DiskEntry>>([
            .. nodes.Keys.Where(path => Path.GetDirectoryName(path) == folder.Full).Select(path => Find(path)!),
        ]);

    public ValueTask CreateFolderAsync(DiskPath path, CancellationToken stop)
    {
        AddFolders(path.Full);
        return ValueTask.CompletedTask;
    }

    public ValueTask RenameAsync(DiskPath from, DiskPath to, CancellationToken stop)
    {
        Change();
        if (OtherVolume is { } volume && IsOn(volume, from) != IsOn(volume, to))
        {
            throw new DiskException(DiskFault.OtherVolume, $"{to} is on another volume");
        }
        AddFolders(Path.GetDirectoryName(to.Full)!);
        nodes.Remove(from.Full, out var node);
        nodes[to.Full] = node ?? throw new DiskException(DiskFault.NotFound, $"{from} does not exist");
        return ValueTask.CompletedTask;
    }

    public ValueTask SetExecutableAsync(DiskPath path, CancellationToken stop)
    {
        nodes[path.Full].IsExecutable = true;
        return ValueTask.CompletedTask;
    }

    public ValueTask DeleteAsync(DiskPath path, CancellationToken stop)
    {
        Change();
        if (nodes.Keys.Any(other => Path.GetDirectoryName(other) == path.Full))
        {
            throw new DiskException(DiskFault.Other, $"{path} is not empty");
        }
        nodes.Remove(path.Full);
        return ValueTask.CompletedTask;
    }

    public ValueTask<long> GetFreeBytesAsync(DiskPath path, CancellationToken stop) =>
        ValueTask.FromResult(long.MaxValue);

    private static bool IsOn(string volume, DiskPath path) => path.Full.StartsWith(volume, StringComparison.Ordinal);

    /// <summary>Counts a change; throws once the process is dead.</summary>
    public void Change()
    {
        if (ChangesToDeath is { } left)
        {
            if (left == 0)
            {
                throw new InvalidOperationException("the process is dead");
            }
            ChangesToDeath = left - 1;
        }
    }

    private void AddFolders(string path)
    {
        for (string? at = path; at is not null; at = Path.GetDirectoryName(at))
        {
            nodes.TryAdd(at, new Node());
        }
    }

    private sealed class MemoryFile(MemoryDisk disk, string path, Node node, OpenMode use) : IFile
    {
        private long Length => node.Content!.Length;

        public ValueTask<long> GetLengthAsync(CancellationToken stop) => ValueTask.FromResult(Length);

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
            use.ShouldNotBe(OpenMode.Read);
            disk.Change();
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

        public ValueTask SetLengthAsync(long length, CancellationToken stop)
        {
            SetLength(length);
            return ValueTask.CompletedTask;
        }

        public ValueTask AllocateAsync(long length, CancellationToken stop)
        {
            SetLength(Math.Max(Length, length));
            return ValueTask.CompletedTask;
        }

        private void SetLength(long length)
        {
            use.ShouldNotBe(OpenMode.Read);
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

        private void Touch() => node.Modified = disk.Now += TimeSpan.FromSeconds(1);
    }
}
