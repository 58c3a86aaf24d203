using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Anatomic.Machine.Network.Linux;

/// <summary>System calls that handle many datagrams at once, which .NET does not offer. 64-bit Linux only.</summary>
internal static unsafe partial class LinuxCalls
{
    public const int DontWait = 0x40; // MSG_DONTWAIT
    public const int WaitForOne = 0x10000; // MSG_WAITFORONE: for the first datagram, not for more
    public const int Truncated = 0x20; // MSG_TRUNC

    public const int Interrupted = 4; // EINTR
    public const int BadHandle = 9; // EBADF
    public const int TryAgain = 11; // EAGAIN
    public const int Fault = 14; // EFAULT
    public const int NotASocket = 88; // ENOTSOCK
    public const int Refused = 111; // ECONNREFUSED

    public const int SocketLevel = 1; // SOL_SOCKET
    public const int ReusePort = 15; // SO_REUSEPORT
    public const int AttachFilter = 26; // SO_ATTACH_FILTER
    public const int MemoryInformation = 55; // SO_MEMINFO
    public const int ReceiveBufferForce = 33; // SO_RCVBUFFORCE: beyond rmem_max, for those with CAP_NET_ADMIN
    public const int LevelV4 = 0; // IPPROTO_IP
    public const int PacketInfoV4 = 8; // IP_PKTINFO
    public const int PathMtuDiscovery = 10; // IP_MTU_DISCOVER

    /// <summary>
    /// IP_PMTUDISC_PROBE: datagrams are never fragmented, and forged reports of a small path MTU are ignored. The
    /// longest reply, 1,248 bytes with its headers, fits every path that QUIC requires (RFC 9000, 14).
    /// </summary>
    public const int PathMtuNever = 3;
    public const int LevelV6 = 41; // IPPROTO_IPV6
    public const int ReceivePacketInfoV6 = 49; // IPV6_RECVPKTINFO
    public const int PacketInfoV6 = 50; // IPV6_PKTINFO

    private const int OneThread = 0; // PRIO_PROCESS, which with who = 0 is the calling thread

    private const int OrdinaryButNotInherited = 0x40000000; // SCHED_OTHER | SCHED_RESET_ON_FORK

    /// <summary>About three times the CPU share of a thread with the usual nice value.</summary>
    private const int ServingNice = -5;

    public const int EventCloseOnExec = 0x80000; // EFD_CLOEXEC

    /// <summary>
    /// Whether the batch calls work here: seccomp filters of some containers, and emulations of Linux, return ENOSYS.
    /// </summary>
    public static bool AreAvailable { get; } = Probe();

    /// <returns>Number of received datagrams; -1: see <see cref="Marshal.GetLastPInvokeError"/>.</returns>
    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int socket, MessageHeader* headers, uint count, int flags, void* timeout);

    /// <returns>Number of datagrams sent before the first that failed; -1 when that was the first one.</returns>
    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int socket, MessageHeader* headers, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int Event(uint count, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int handle, void* bytes, nuint count);

    /// <summary>
    /// Gives serving threads priority over the rest of the process: compiling, maintenance, pages. Under more load than
    /// a core can handle, the server then stays as fast as before. Without permission (RLIMIT_NICE, getrlimit(2))
    /// nothing changes.
    /// </summary>
    public static void RaiseThreadPriority()
    {
        // Threads inherit the priority, but those of the compiler and the thread pool must not.
        var none = 0;
        _ = SetScheduler(0, OrdinaryButNotInherited, &none);
        _ = SetPriority(OneThread, 0, ServingNice);
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, int* priority);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int nice);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int handle);

    private static bool Probe()
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess || !BitConverter.IsLittleEndian)
        {
            return false;
        }
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            var handle = (int)socket.Handle;
            var header = default(MessageHeader);
            var receives =
                ReceiveMany(handle, &header, 1, DontWait, null) >= 0 || Marshal.GetLastPInvokeError() == TryAgain;
            var wake = Event(0, EventCloseOnExec);
            if (wake >= 0)
            {
                _ = Close(wake);
            }
            return receives && wake >= 0 && SendMany(handle, &header, 0, DontWait) == 0;
        }
        catch (Exception cause) when (cause is EntryPointNotFoundException or DllNotFoundException or SocketException)
        {
            return false;
        }
    }
}

/// <summary>struct mmsghdr of 64-bit Linux: struct msghdr, 56 bytes, and the length of its datagram.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct MessageHeader
{
    [FieldOffset(0)]
    public byte* Name;

    [FieldOffset(8)]
    public uint NameBytes;

    [FieldOffset(16)]
    public Part* Parts;

    [FieldOffset(24)]
    public nuint PartCount;

    [FieldOffset(32)]
    public byte* Control;

    [FieldOffset(40)]
    public nuint ControlBytes;

    [FieldOffset(48)]
    public int Flags;

    [FieldOffset(56)]
    public uint Length;
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Part
{
    public byte* Bytes;
    public nuint Length;
}
