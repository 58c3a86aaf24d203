using System.Runtime.InteropServices;
using Anatomic.Machine.Network.Linux;

namespace Anatomic.Comparison.Linux;

/// <summary>
/// The system calls of the load generator, 64-bit Linux only. Those that the node uses, too, are in Anatomic.Machine.
/// </summary>
internal static unsafe partial class SystemCalls
{
    public const int FamilyV4 = 2; // AF_INET
    public const int FamilyV6 = 10; // AF_INET6
    public const int Stream = 1; // SOCK_STREAM
    public const int Datagram = 2; // SOCK_DGRAM
    public const int NonBlocking = 0x800; // SOCK_NONBLOCK
    public const int CloseOnExec = 0x80000; // SOCK_CLOEXEC

    public const int NoSignal = 0x4000; // MSG_NOSIGNAL

    public const int NotConnected = 107; // ENOTCONN
    public const int InProgress = 115; // EINPROGRESS

    public const int SendBuffer = 7; // SO_SNDBUF
    public const int ReceiveBuffer = 8; // SO_RCVBUF
    public const int Linger = 13; // SO_LINGER
    public const int ReceiveTimeout = 20; // SO_RCVTIMEO
    public const int BindToDevice = 25; // SO_BINDTODEVICE
    public const int ReceiveTimestamps = 35; // SO_TIMESTAMPNS
    public const int BindAddressNoPort = 24; // IP_BIND_ADDRESS_NO_PORT

    public const short Readable = 1; // POLLIN
    public const short Writable = 4; // POLLOUT

    public const int Terminate = 15; // SIGTERM

    public const int FifoScheduling = 1; // SCHED_FIFO
    public const int MonotonicClock = 1; // CLOCK_MONOTONIC
    public const int AbsoluteTime = 1; // TIMER_ABSTIME

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int socket, byte* address, uint addressBytes);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int socket, byte* address, uint addressBytes);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int socket, int level, int option, void* value, uint valueBytes);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, byte* bytes, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, byte* bytes, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint ReceiveMessage(int socket, MessageHeader* header, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    /// <param name="thread">0: the calling one.</param>
    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    public static partial int SetAffinity(int thread, nuint maskBytes, ulong* mask);

    /// <param name="thread">0: the calling one.</param>
    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    public static partial int SetScheduler(int thread, int policy, int* priority);

    /// <returns>The error number; 0 on success.</returns>
    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    public static partial int Sleep(int clock, int flags, TimeSpec* until, TimeSpec* left);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);
}
