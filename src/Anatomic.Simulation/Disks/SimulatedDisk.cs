using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.World;

namespace Anatomic.Simulation.Disks;

/// <summary>A host's disk as its process uses it: each operation takes a random time.</summary>
internal sealed class SimulatedDisk(HostProcess process, HostDisk disk, TimeProvider clock, SeededEntropy entropy)
    : IDisk
{
    // About what an NVMe disk takes for small reads, writes into the page cache and flushes.
    private static readonly (TimeSpan Min, TimeSpan Max) ReadTime = (
        TimeSpan.FromMicroseconds(10),
        TimeSpan.FromMicroseconds(200)
    );
    private static readonly (TimeSpan Min, TimeSpan Max) WriteTime = (
        TimeSpan.FromMicroseconds(10),
        TimeSpan.FromMicroseconds(400)
    );
    private static readonly (TimeSpan Min, TimeSpan Max) FlushTime = (
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromMilliseconds(5)
    );

    public async ValueTask<IFile> OpenAsync(string path, OpenMode use, CancellationToken stop)
    {
        var normalized = HostDisk.Normalize(path);
        FileContent? content = null;
        await DelayAsync(
            ReadTime,
            () =>
            {
                if (use == OpenMode.Write)
                {
                    disk.ThrowIfReadOnly(normalized);
                    content = disk.GetOrCreate(normalized, clock.GetUtcNow());
                }
                content ??= disk.Get(normalized);
                Record(TraceKind.Opened, normalized, content.Length);
            },
            stop
        );
        return new SimulatedFile(this, normalized, content!, use == OpenMode.Write);
    }

    public DiskEntry? Find(string path) => disk.Find(HostDisk.Normalize(path));

    public IReadOnlyList<DiskEntry> List(string folder) => disk.List(HostDisk.Normalize(folder));

    public void CreateFolder(string path)
    {
        disk.ThrowIfReadOnly(path);
        disk.CreateFolders(HostDisk.Normalize(path));
    }

    public async ValueTask RenameAsync(string from, string to, CancellationToken stop) =>
        await DelayAsync(
            FlushTime,
            () =>
            {
                disk.ThrowIfReadOnly(to);
                disk.Rename(HostDisk.Normalize(from), HostDisk.Normalize(to));
                Record(TraceKind.FileRenamed, HostDisk.Normalize(to), 0);
            },
            stop
        );

    public void Delete(string path)
    {
        disk.ThrowIfReadOnly(path);
        Record(TraceKind.FileDeleted, HostDisk.Normalize(path), 0);
        disk.Delete(HostDisk.Normalize(path));
    }

    public void SetExecutable(string path)
    {
        disk.ThrowIfReadOnly(path);
        disk.Get(HostDisk.Normalize(path)).IsExecutable = true;
    }

    private void Record(TraceKind kind, string path, long number, ulong digest = 0) =>
        process.Scheduler.Record(process, kind, path, number, digest);

    private Task DelayAsync((TimeSpan Min, TimeSpan Max) time, Action effect, CancellationToken stop)
    {
        if (stop.IsCancellationRequested)
        {
            return Task.FromCanceled(stop);
        }
        var done = new TaskCompletionSource();
        process.Scheduler.Schedule(
            entropy.NextTicks(time.Min, time.Max),
            process,
            () =>
            {
                try
                {
                    effect();
                }
                catch (DiskException failed)
                {
                    done.SetException(failed);
                    return;
                }
                done.SetResult();
            }
        );
        return done.Task;
    }

    private sealed class SimulatedFile(SimulatedDisk owner, string path, FileContent content, bool isWritable) : IFile
    {
        private bool isClosed;

        public long Length => content.Length;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            var count = 0;
            await owner.DelayAsync(
                ReadTime,
                () =>
                {
                    count = content.Read(offset, into.Span);
                    owner.Record(TraceKind.FileRead, path, offset, StableHash.Of(into.Span[..count]));
                },
                stop
            );
            return count;
        }

        public async ValueTask WriteAsync(
            long offset,
            IReadOnlyList<ReadOnlyMemory<byte>> parts,
            CancellationToken stop
        )
        {
            ThrowIfNotWritable();
            await owner.DelayAsync(
                WriteTime,
                () =>
                {
                    // Copied only now, as by the kernel: a caller that changes its buffer too early corrupts the file.
                    var bytes = new byte[parts.Sum(part => part.Length)];
                    var at = 0;
                    foreach (var part in parts)
                    {
                        part.CopyTo(bytes.AsMemory(at));
                        at += part.Length;
                    }
                    owner.Disk.ThrowIfNoSpace(path, content, offset, bytes.Length);
                    content.Write(offset, bytes, owner.Clock.GetUtcNow());
                    owner.Record(TraceKind.FileWritten, path, offset, StableHash.Of(bytes));
                },
                stop
            );
        }

        public void SetLength(long length)
        {
            ThrowIfNotWritable();
            owner.Disk.ThrowIfReadOnly(path);
            content.SetLength(length, owner.Clock.GetUtcNow());
        }

        public async ValueTask FlushAsync(CancellationToken stop) =>
            await owner.DelayAsync(
                FlushTime,
                () =>
                {
                    content.Flush();
                    owner.Record(TraceKind.FileFlushed, path, content.Length);
                },
                stop
            );

        public ValueTask DisposeAsync()
        {
            isClosed = true;
            return ValueTask.CompletedTask;
        }

        private void ThrowIfNotWritable()
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            if (!isWritable)
            {
                throw new DiskException(DiskFault.NotAllowed, $"{path} was opened for reading only");
            }
        }
    }

    private HostDisk Disk => disk;

    private TimeProvider Clock => clock;
}
