using Anatomic.World;
using Microsoft.Win32.SafeHandles;

namespace Anatomic.Machine.Disk;

internal sealed class MachineFile(DiskThreads threads, SafeFileHandle handle, string path, bool isNew) : IFile
{
    private bool entryIsNew = isNew;

    public ValueTask<long> GetLengthAsync(CancellationToken stop) => RunAsync(Length, stop);

    public ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
    {
        var transfer = DiskTransfer.Read(this, offset, into, stop);
        var result = transfer.Result;
        threads.Enqueue(transfer);
        return result;
    }

    public ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken stop)
    {
        var transfer = DiskTransfer.Write(this, offset, parts, stop);
        var done = transfer.Done;
        threads.Enqueue(transfer);
        return done;
    }

    public async ValueTask SetLengthAsync(long length, CancellationToken stop) =>
        await RunAsync(
                () =>
                {
                    RandomAccess.SetLength(handle, length);
                    return length;
                },
                stop
            )
            .ConfigureAwait(false);

    public async ValueTask AllocateAsync(long length, CancellationToken stop) =>
        await RunAsync(
                () =>
                {
                    if (length > Length() && !LinuxFiles.TryAllocate(handle, length))
                    {
                        RandomAccess.SetLength(handle, length);
                    }
                    return length;
                },
                stop
            )
            .ConfigureAwait(false);

    public async ValueTask FlushAsync(CancellationToken stop) =>
        await RunAsync(
                () =>
                {
                    RandomAccess.FlushToDisk(handle);
                    if (entryIsNew)
                    {
                        FolderSync.Sync(Path.GetDirectoryName(path));
                        entryIsNew = false;
                    }
                    return 0L;
                },
                stop
            )
            .ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        // Closing may wait for the disk as well, on network file systems.
        await RunAsync(
                () =>
                {
                    handle.Dispose();
                    return 0L;
                },
                CancellationToken.None
            )
            .ConfigureAwait(false);
    }

    internal int Read(long offset, Span<byte> into)
    {
        try
        {
            var total = 0;
            while (total < into.Length)
            {
                var read = RandomAccess.Read(handle, into[total..], offset + total);
                if (read == 0)
                {
                    break;
                }
                total += read;
            }
            return total;
        }
        catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
        {
            throw DiskErrors.Of(path, cause);
        }
    }

    internal int Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        try
        {
            if (parts.Count == 1)
            {
                RandomAccess.Write(handle, parts[0].Span, offset);
            }
            else
            {
                RandomAccess.Write(handle, parts, offset);
            }
            return 0;
        }
        catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
        {
            throw DiskErrors.Of(path, cause);
        }
    }

    private long Length()
    {
        try
        {
            return RandomAccess.GetLength(handle);
        }
        catch (NotSupportedException)
        {
            // A pipe or a terminal.
            return 0;
        }
    }

    private async ValueTask<long> RunAsync(Func<long> work, CancellationToken stop) =>
        await threads
            .RunAsync(
                () =>
                {
                    try
                    {
                        return work();
                    }
                    catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
                    {
                        throw DiskErrors.Of(path, cause);
                    }
                },
                stop
            )
            .ConfigureAwait(false);
}
