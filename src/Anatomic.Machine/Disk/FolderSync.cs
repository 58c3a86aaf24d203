using System.Runtime.InteropServices;

namespace Anatomic.Machine.Disk;

/// <summary>
/// Makes the entries of a folder durable. On Unix a new or renamed file may be lost in a power cut until its folder is
/// synced too. Windows does so by itself.
/// </summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0;

    /// <summary>Best effort: some file systems (FUSE, network) do not support it, and offer no alternative.</summary>
    public static void Sync(string? folder)
    {
        if (OperatingSystem.IsWindows() || string.IsNullOrEmpty(folder))
        {
            return;
        }
        var handle = Open(folder, ReadOnly);
        if (handle >= 0)
        {
            _ = FSync(handle);
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FSync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
