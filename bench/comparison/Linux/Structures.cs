using System.Runtime.InteropServices;

namespace Anatomic.Comparison.Linux;

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

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public int Handle;
    public short Wanted;
    public short Seen;
}

/// <summary>struct timeval.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeValue
{
    public long Seconds;
    public long Microseconds;
}

/// <summary>struct linger.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LingerValue
{
    public int IsOn;
    public int Seconds;
}

/// <summary>struct timespec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct TimeStamp(long seconds, long nanoseconds)
{
    public readonly long Seconds = seconds;
    public readonly long Nanoseconds = nanoseconds;
}

/// <summary>struct cmsghdr with a struct timespec behind it, as SO_TIMESTAMPNS gives it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StampMessage
{
    private readonly nuint length;
    private readonly int level;
    private readonly int type;
    private readonly TimeStamp stamp;

    /// <summary>Nothing: the kernel put something else there, or nothing at all.</summary>
    public readonly TimeStamp? Stamp =>
        level == LinuxCalls.SocketLevel && type == LinuxCalls.ArrivalStamps ? stamp : null;
}
