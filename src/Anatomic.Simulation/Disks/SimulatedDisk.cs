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

    public async ValueTask<IFile> OpenAsync(DiskPath path, OpenMode use, CancellationToken stop)
    {
        var normalized = HostDisk.Normalize(path.Full);
        FileContent? content = null;
        await DelayAsync(
            ReadTime,
            () =>
            {
                if (use != OpenMode.Read)
                {
                    disk.ThrowIfReadOnly(normalized);
                }
                content = use switch
                {
                    OpenMode.Write => disk.GetOrCreate(normalized, clock.GetUtcNow()),
                    OpenMode.CreateNew => disk.Create(normalized, clock.GetUtcNow()),
                    _ => disk.Get(normalized),
                };
                Record(TraceKind.Opened, normalized, content.Length);
            },
            stop
        );
        return new SimulatedFile(this, normalized, content!, use != OpenMode.Read);
    }

    public async ValueTask<IReadOnlyList<DiskEntry?>> FindAsync(IReadOnlyList<DiskPath> paths, CancellationToken stop)
    {
        IReadOnlyList<DiskEntry?> found = [];
        await DelayAsync(
            ReadTime,
            () => found = [.. paths.Select(path => disk.Find(HostDisk.Normalize(path.Full)))],
            stop
        );
        return found;
    }

    public async ValueTask<IReadOnlyList<DiskEntry>> ListAsync(DiskPath folder, CancellationToken stop)
    {
        IReadOnlyList<DiskEntry> entries = [];
        await DelayAsync(ReadTime, () => entries = disk.List(HostDisk.Normalize(folder.Full)), stop);
        return entries;
    }

    public async ValueTask CreateFolderAsync(DiskPath path, CancellationToken stop) =>
        await DelayAsync(
            WriteTime,
            () =>
            {
                disk.ThrowIfReadOnly(path.Full);
                disk.CreateFolders(HostDisk.Normalize(path.Full));
            },
            stop
        );

    public async ValueTask RenameAsync(DiskPath from, DiskPath to, CancellationToken stop) =>
        await DelayAsync(
            FlushTime,
            () =>
            {
                disk.ThrowIfReadOnly(to.Full);
                disk.Rename(HostDisk.Normalize(from.Full), HostDisk.Normalize(to.Full));
                Record(TraceKind.FileRenamed, HostDisk.Normalize(to.Full), 0);
            },
            stop
        );

    public async ValueTask DeleteAsync(DiskPath path, CancellationToken stop) =>
        await DelayAsync(
            WriteTime,
            () =>
            {
                disk.ThrowIfReadOnly(path.Full);
                Record(TraceKind.FileDeleted, HostDisk.Normalize(path.Full), 0);
                disk.Delete(HostDisk.Normalize(path.Full));
            },
            stop
        );

    public async ValueTask SetExecutableAsync(DiskPath path, CancellationToken stop) =>
        await DelayAsync(
            WriteTime,
            () =>
            {
                disk.ThrowIfReadOnly(path.Full);
                disk.Get(HostDisk.Normalize(path.Full)).IsExecutable = true;
            },
            stop
        );

    public async ValueTask<long> GetFreeBytesAsync(DiskPath path, CancellationToken stop)
    {
        var free = 0L;
        await DelayAsync(ReadTime, () => free = Math.Max(0, disk.CapacityBytes - disk.UsedBytes), stop);
        return free;
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
            (long)(entropy.NextTicks(time.Min, time.Max) * disk.Slowness),
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

        public async ValueTask<long> GetLengthAsync(CancellationToken stop)
        {
            var length = 0L;
            await DelayAsync(ReadTime, () => length = content.Length, stop);
            return length;
        }

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            var count = 0;
            await DelayAsync(
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
            await DelayAsync(
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

        public async ValueTask SetLengthAsync(long length, CancellationToken stop)
        {
            ThrowIfNotWritable();
            await DelayAsync(
                WriteTime,
                () =>
                {
                    owner.Disk.ThrowIfReadOnly(path);
                    content.SetLength(length, owner.Clock.GetUtcNow());
                },
                stop
            );
        }

        public async ValueTask AllocateAsync(long length, CancellationToken stop)
        {
            ThrowIfNotWritable();
            await DelayAsync(
                WriteTime,
                () =>
                {
                    owner.Disk.ThrowIfNoSpace(path, content, 0, checked((int)length));
                    if (length > content.Length)
                    {
                        content.SetLength(length, owner.Clock.GetUtcNow());
                    }
                },
                stop
            );
        }

        public async ValueTask FlushAsync(CancellationToken stop) =>
            await DelayAsync(
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

        private Task DelayAsync((TimeSpan Min, TimeSpan Max) time, Action effect, CancellationToken stop) =>
            owner.DelayAsync(
                time,
                () =>
                {
                    if (content.IsUnmounted)
                    {
                        throw new DiskException(DiskFault.Other, $"{path} cannot be used: its volume is gone");
                    }
                    effect();
                },
                stop
            );

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
