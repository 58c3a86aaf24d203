using Anatomic.World;
using Microsoft.Win32.SafeHandles;

namespace Anatomic.Machine.Disk;

internal sealed class MachineFile(SafeFileHandle handle, string path, bool isNew) : IFile
{
    private bool entryIsNew = isNew;

    public long Length
    {
        get
        {
            try
            {
                return RandomAccess.GetLength(handle);
            }
            catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
            {
                throw DiskErrors.Of(path, cause);
            }
        }
    }

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
    {
        try
        {
            var total = 0;
            while (total < into.Length)
            {
                var read = await RandomAccess
                    .ReadAsync(handle, into[total..], offset + total, stop)
                    .ConfigureAwait(false);
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

    public async ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken stop)
    {
        try
        {
            if (parts.Count == 1)
            {
                await RandomAccess.WriteAsync(handle, parts[0], offset, stop).ConfigureAwait(false);
                return;
            }
            await RandomAccess.WriteAsync(handle, parts, offset, stop).ConfigureAwait(false);
        }
        catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
        {
            throw DiskErrors.Of(path, cause);
        }
    }

    public void SetLength(long length)
    {
        try
        {
            RandomAccess.SetLength(handle, length);
        }
        catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
        {
            throw DiskErrors.Of(path, cause);
        }
    }

    public async ValueTask FlushAsync(CancellationToken stop)
    {
        try
        {
            // A flush takes milliseconds to seconds, so it must not block the calling loop.
            await Task.Run(
                    () =>
                    {
                        RandomAccess.FlushToDisk(handle);
                        if (entryIsNew)
                        {
                            FolderSync.Sync(Path.GetDirectoryName(path));
                            entryIsNew = false;
                        }
                    },
                    stop
                )
                .ConfigureAwait(false);
        }
        catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
        {
            throw DiskErrors.Of(path, cause);
        }
    }

    public ValueTask DisposeAsync()
    {
        handle.Dispose();
        return ValueTask.CompletedTask;
    }
}
