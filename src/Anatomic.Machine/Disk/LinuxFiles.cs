using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Anatomic.Machine.Disk;

/// <summary>Linux calls for which .NET has no method: opening below a folder, and reserving space.</summary>
internal static partial class LinuxFiles
{
    public const int ReadOnly = 0;
    public const int ReadWrite = 2; // O_RDWR
    public const int Create = 0x40; // O_CREAT
    public const int Exclusive = 0x80; // O_EXCL
    public const int PathOnly = 0x200000; // O_PATH
    public const int ErrorNoEntry = 2; // ENOENT
    public const int ErrorCrossDevice = 18; // EXDEV: openat2 says so of a path that leads out
    public const int ErrorIsFolder = 21; // EISDIR
    public const int ErrorLoop = 40; // ELOOP: openat2 says so of a link

    private const int ErrorNoCall = 38; // ENOSYS
    private const int ErrorNotPermitted = 1; // EPERM: seccomp filters of some containers
    private const nint OpenAt2Number = 437; // openat2(2), the same on every architecture
    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private const int NonBlocking = 0x800; // O_NONBLOCK: opening a pipe must not wait for its other end
    private const ulong NoMagicLinks = 0x02; // RESOLVE_NO_MAGICLINKS
    private const ulong NoLinks = 0x04; // RESOLVE_NO_SYMLINKS
    private const ulong Beneath = 0x08; // RESOLVE_BENEATH
    private const ulong UsualMode = 0x1b6; // 0666, without the process's umask

    /// <summary>
    /// Whether <c>openat2</c> works here: kernels before 5.6 and some containers do not have it.
    /// </summary>
    public static bool CanOpenBelow { get; } = Probe();

    /// <summary>
    /// Opens a path below a folder. Without <paramref name="follow"/> a link on the way is an error, with it only one
    /// that leads out.
    /// </summary>
    /// <returns>Null on an error, which is then in <paramref name="error"/>.</returns>
    public static SafeFileHandle? OpenBelow(string root, string below, int flags, bool follow, out int error)
    {
        var folder = Open(root, PathOnly | CloseOnExec);
        if (folder < 0)
        {
            error = Marshal.GetLastPInvokeError();
            return null;
        }
        var how = new OpenHow
        {
            Flags = (ulong)(uint)(flags | CloseOnExec | (flags == PathOnly ? 0 : NonBlocking)),
            Mode = (flags & Create) != 0 ? UsualMode : 0,
            Resolve = Beneath | NoMagicLinks | (follow ? 0 : NoLinks),
        };
        var handle = OpenAt2(OpenAt2Number, folder, below, ref how, (nuint)Marshal.SizeOf<OpenHow>());
        error = handle < 0 ? Marshal.GetLastPInvokeError() : 0;
        _ = Close(folder);
        return handle < 0 ? null : new SafeFileHandle(handle, ownsHandle: true);
    }

    /// <summary>Reserves space; false where the system or the file system cannot.</summary>
    public static bool TryAllocate(SafeFileHandle handle, long length)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return false;
        }
        if (FAllocate(handle, 0, 0, (nint)length) == 0)
        {
            return true;
        }
        const int NoSpace = 28; // ENOSPC
        return Marshal.GetLastPInvokeError() == NoSpace
            ? throw new IOException("there is not enough space", NoSpace)
            : false;
    }

    private static bool Probe()
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return false;
        }
        using var root = OpenBelow("/", ".", ReadOnly, follow: false, out var error);
        return error is not (ErrorNoCall or ErrorNotPermitted);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "syscall", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenAt2(nint number, nint folder, string path, ref OpenHow how, nuint size);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int FAllocate(SafeFileHandle handle, int mode, nint offset, nint length);
}
