using System.Runtime.InteropServices;

namespace Anatomic.Machine.Disk;

/// <summary>Unix calls for which .NET's methods do something else.</summary>
internal static unsafe partial class UnixFiles
{
    private const int NoEntry = 2; // ENOENT
    private const int Access = 13; // EACCES
    private const int NotFolder = 20; // ENOTDIR
    private const int NotPermitted = 1; // EPERM
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint TypeWanted = 1; // STATX_TYPE
    private const int StatBytes = 256; // the size of struct statx, on every architecture
    private const int ModeOffset = 28; // stx_mode
    private const int TypeMask = 0xf000; // S_IFMT
    private const int RegularFile = 0x8000; // S_IFREG

    /// <summary>Renames within a volume, and never copies; returns the error.</summary>
    public static Exception? Rename(string from, string to) =>
        RenamePath(from, to) == 0 ? null : ErrorOf(Marshal.GetLastPInvokeError(), from);

    /// <summary>The exception that .NET's methods throw for an error number.</summary>
    public static Exception ErrorOf(int error, string path)
    {
        var message = Marshal.GetPInvokeErrorMessage(error);
        return error switch
        {
            NoEntry or NotFolder => new FileNotFoundException(message, path),
            Access or NotPermitted => new UnauthorizedAccessException(message),
            _ => new IOException(message, error),
        };
    }

    /// <summary>Whether a file that exists is a pipe, a socket or a device; false where that is unknown.</summary>
    public static bool IsSpecial(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }
        var status = stackalloc byte[StatBytes];
        return Stat(CurrentFolder, path, 0, TypeWanted, status) == 0
            && (*(ushort*)(status + ModeOffset) & TypeMask) != RegularFile;
    }

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int RenamePath(string from, string to);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(int folder, string path, int flags, uint mask, byte* status);
}
