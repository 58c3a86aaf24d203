using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.World;

namespace Anatomic.Simulation.Disks;

/// <summary>A host's disk as one life of the host uses it: the same bytes, each operation later by a drawn time.</summary>
internal sealed class SimulatedDisk(HostProcess process, HostDisk disk, TimeProvider clock, SeededEntropy entropy)
    : IDisk
{
    // About what an NVMe disk takes: small reads, small writes into the page cache, and a flush.
    private static readonly (TimeSpan Least, TimeSpan Most) ReadTime = (
        TimeSpan.FromMicroseconds(10),
        TimeSpan.FromMicroseconds(200)
    );
    private static readonly (TimeSpan Least, TimeSpan Most) WriteTime = (
        TimeSpan.FromMicroseconds(10),
        TimeSpan.FromMicroseconds(400)
    );
    private static readonly (TimeSpan Least, TimeSpan Most) FlushTime = (
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromMilliseconds(5)
    );

    public async ValueTask<IFile> OpenAsync(string path, OpenMode use, CancellationToken stop)
    {
        var clean = HostDisk.Clean(path);
        FileContent? body = null;
        await LaterAsync(
            ReadTime,
            () =>
            {
                if (use == OpenMode.Write)
                {
                    disk.ThrowIfReadOnly(clean);
                    body = disk.Make(clean, clock.GetUtcNow());
                }
                body ??= disk.Get(clean);
                Note(TraceKind.Open, clean, body.Length);
            },
            stop
        );
        return new SimulatedFile(this, clean, body!, use == OpenMode.Write);
    }

    public DiskEntry? Find(string path) => disk.Find(HostDisk.Clean(path));

    public IReadOnlyList<DiskEntry> List(string folder) => disk.List(HostDisk.Clean(folder));

    public void CreateFolder(string path)
    {
        disk.ThrowIfReadOnly(path);
        disk.CreateFolders(HostDisk.Clean(path));
    }

    public async ValueTask RenameAsync(string from, string to, CancellationToken stop) =>
        await LaterAsync(
            FlushTime,
            () =>
            {
                disk.ThrowIfReadOnly(to);
                disk.Rename(HostDisk.Clean(from), HostDisk.Clean(to));
                Note(TraceKind.Rename, HostDisk.Clean(to), 0);
            },
            stop
        );

    public void Delete(string path)
    {
        disk.ThrowIfReadOnly(path);
        Note(TraceKind.Delete, HostDisk.Clean(path), 0);
        disk.Delete(HostDisk.Clean(path));
    }

    public void SetExecutable(string path)
    {
        disk.ThrowIfReadOnly(path);
        disk.Get(HostDisk.Clean(path)).IsExecutable = true;
    }

    private void Note(TraceKind kind, string path, long number, ulong digest = 0) =>
        process.Scheduler.Add(process, kind, path, number, digest);

    private Task LaterAsync((TimeSpan Least, TimeSpan Most) time, Action effect, CancellationToken stop)
    {
        if (stop.IsCancellationRequested)
        {
            return Task.FromCanceled(stop);
        }
        var end = new TaskCompletionSource();
        process.Scheduler.After(
            entropy.Between(time.Least, time.Most),
            process,
            () =>
            {
                try
                {
                    effect();
                }
                catch (DiskException failed)
                {
                    end.SetException(failed);
                    return;
                }
                end.SetResult();
            }
        );
        return end.Task;
    }

    private sealed class SimulatedFile(SimulatedDisk owner, string path, FileContent body, bool isWritable) : IFile
    {
        private bool isClosed;

        public long Length => body.Length;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            var count = 0;
            await owner.LaterAsync(
                ReadTime,
                () =>
                {
                    count = body.Read(offset, into.Span);
                    owner.Note(TraceKind.Read, path, offset, StableHash.Of(into.Span[..count]));
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
            await owner.LaterAsync(
                WriteTime,
                () =>
                {
                    // Taken only now: whoever changes the buffer before the write has ended finds it in the file.
                    var bytes = new byte[parts.Sum(part => part.Length)];
                    var at = 0;
                    foreach (var part in parts)
                    {
                        part.CopyTo(bytes.AsMemory(at));
                        at += part.Length;
                    }
                    owner.Disk.ThrowIfNoSpace(path, body, offset, bytes.Length);
                    body.Write(offset, bytes, owner.Clock.GetUtcNow());
                    owner.Note(TraceKind.Write, path, offset, StableHash.Of(bytes));
                },
                stop
            );
        }

        public void SetLength(long length)
        {
            ThrowIfNotWritable();
            owner.Disk.ThrowIfReadOnly(path);
            body.SetLength(length, owner.Clock.GetUtcNow());
        }

        public async ValueTask FlushAsync(CancellationToken stop) =>
            await owner.LaterAsync(
                FlushTime,
                () =>
                {
                    body.Flush();
                    owner.Note(TraceKind.Flush, path, body.Length);
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
