using Anatomic.Machine.Disk;
using Anatomic.World;

namespace Anatomic.Machine.Stores;

/// <summary>Keeps a second process away from a store. The system drops the lock with the process, however that ends.</summary>
internal static class StoreLock
{
    private const int WindowsSharing = unchecked((int)0x80070020);
    private const int UnixWouldBlock = 11;
    private const int MacWouldBlock = 35;

    public static FileStream Take(string path)
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
                $"{path} is in use by another anatomic; stop it, or give another state folder with --state or --data",
                cause
            );
        }
        catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
        {
            throw DiskErrors.Of(at, cause);
        }
    }
}
