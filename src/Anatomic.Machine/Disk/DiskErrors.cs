using Anatomic.World;

namespace Anatomic.Machine.Disk;

/// <summary>Messages for file system errors that tell the user what to do.</summary>
internal static class DiskErrors
{
    // .NET passes errno in HResult; Windows codes (winerror.h) have the HRESULT facility.
    private const int NoSpace = 28;
    private const int ReadOnlySystem = 30;
    private const int QuotaLinux = 122;
    private const int QuotaMac = 69;
    private const int CrossDevice = 18; // EXDEV
    private const int WindowsNotSameDevice = unchecked((int)0x80070011);
    private const int WindowsFileExists = unchecked((int)0x80070050);
    private const int UnixFileExists = 17; // EEXIST
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsWriteProtected = unchecked((int)0x80070013);

    public static DiskException Of(string path, Exception cause) =>
        KindOf(cause) switch
        {
            DiskFault.Full => new DiskException(
                DiskFault.Full,
                $"The disk of {path} is full: free some space, or choose a folder on another disk",
                cause
            ),
            DiskFault.NotAllowed => new DiskException(DiskFault.NotAllowed, $"Permission denied: {path}", cause),
            DiskFault.NotFound => new DiskException(DiskFault.NotFound, $"{path} does not exist", cause),
            DiskFault.OtherVolume => new DiskException(DiskFault.OtherVolume, $"{path} is on another volume", cause),
            DiskFault.Exists => new DiskException(DiskFault.Exists, $"{path} exists already", cause),
            _ => new DiskException(DiskFault.Other, $"{path} cannot be used: {cause.Message}", cause),
        };

    /// <summary>The error for a link below the root.</summary>
    public static DiskException Link(string path) =>
        new(
            DiskFault.Link,
            $"{path} is a link, or lies in a folder that is one: move the data itself there, or choose the folder that "
                + "the link names"
        );

    /// <summary>Whether an exception is a file system error, not a bug or a cancellation.</summary>
    public static bool IsDiskFault(Exception cause) =>
        // A file that is too long for its file system is an ArgumentOutOfRangeException.
        cause
            is (IOException or UnauthorizedAccessException or NotSupportedException or ArgumentOutOfRangeException)
                and not DiskException;

    private static DiskFault KindOf(Exception cause) =>
        cause switch
        {
            UnauthorizedAccessException => DiskFault.NotAllowed,
            FileNotFoundException or DirectoryNotFoundException or DriveNotFoundException => DiskFault.NotFound,
            { HResult: WindowsDiskFull or WindowsHandleDiskFull } => DiskFault.Full,
            { HResult: WindowsWriteProtected } => DiskFault.NotAllowed,
            { HResult: ReadOnlySystem } when !OperatingSystem.IsWindows() => DiskFault.NotAllowed,
            { HResult: NoSpace } when !OperatingSystem.IsWindows() => DiskFault.Full,
            { HResult: CrossDevice } when !OperatingSystem.IsWindows() => DiskFault.OtherVolume,
            { HResult: WindowsNotSameDevice } => DiskFault.OtherVolume,
            { HResult: UnixFileExists } when !OperatingSystem.IsWindows() => DiskFault.Exists,
            { HResult: WindowsFileExists } => DiskFault.Exists,
            { HResult: QuotaLinux } when OperatingSystem.IsLinux() => DiskFault.Full,
            { HResult: QuotaMac } when OperatingSystem.IsMacOS() => DiskFault.Full,
            _ => DiskFault.Other,
        };
}
