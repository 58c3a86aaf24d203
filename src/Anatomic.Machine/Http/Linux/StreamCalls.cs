using System.Runtime.InteropServices;
using Anatomic.Machine.Network.Linux;

namespace Anatomic.Machine.Http.Linux;

/// <summary>System calls for a loop over many connections. 64-bit Linux only; see <see cref="LinuxCalls"/>.</summary>
internal static unsafe partial class StreamCalls
{
    public const int NonBlocking = 0x800; // SOCK_NONBLOCK
    public const int CloseOnExec = 0x80000; // SOCK_CLOEXEC and EPOLL_CLOEXEC
    public const int NoSignal = 0x4000; // MSG_NOSIGNAL
    public const int WriteSide = 1; // SHUT_WR

    public const int TcpLevel = 6; // IPPROTO_TCP
    public const int DeferAccept = 9; // TCP_DEFER_ACCEPT

    public const int TooManyOpenHere = 24; // EMFILE
    public const int TooManyOpen = 23; // ENFILE
    public const int NoMemory = 12; // ENOMEM
    public const int NoBuffers = 105; // ENOBUFS

    /// <returns>The connection; -1: see <see cref="Marshal.GetLastPInvokeError"/>.</returns>
    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int listener, byte* name, uint* nameBytes, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, byte* into, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, byte* from, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(int socket, int side);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int CreateEpoll(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int ControlEpoll(int epoll, int operation, int handle, byte* entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int WaitEpoll(int epoll, byte* entries, int count, int milliseconds);
}
