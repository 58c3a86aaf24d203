using Anatomic.Machine.Disk;
using Anatomic.World;

namespace Anatomic.Machine.Stores;

/// <summary>
/// Prevents a second process from opening a store. The system releases the lock when the process ends, in whatever way.
/// </summary>
internal static class StoreLock
{
    private const int WindowsSharing = unchecked((int)0x80070020);
    private const int UnixWouldBlock = 11;
    private const int MacWouldBlock = 35;

    public static FileStream Acquire(string path)
    {
        var at = path + ".lock";
        try
        {
            return new FileStream(at, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException cause) when (cause.HResult is WindowsSharing or UnixWouldBlock or MacWouldBlock)
        {
            throw new DiskException(
                DiskFault.InUse,
                $"{path} is in use by another anatomic; stop it, or choose another state folder with --state or --data",
                cause
            );
        }
        catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
        {
            throw DiskErrors.Of(at, cause);
        }
    }
}
