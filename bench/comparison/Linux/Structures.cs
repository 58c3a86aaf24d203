using System.Runtime.InteropServices;
using Anatomic.Machine.Network.Linux;

namespace Anatomic.Comparison.Linux;

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public int Handle;
    public short Events;
    public short ReturnedEvents;
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
internal readonly struct TimeSpec(long seconds, long nanoseconds)
{
    public readonly long Seconds = seconds;
    public readonly long Nanoseconds = nanoseconds;
}

/// <summary>struct cmsghdr followed by a struct timespec, as SO_TIMESTAMPNS delivers it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimestampMessage
{
    private readonly nuint length;
    private readonly int level;
    private readonly int type;
    private readonly TimeSpec timestamp;

    /// <summary>Null if the kernel wrote another control message or none.</summary>
    public readonly TimeSpec? Timestamp =>
        level == LinuxCalls.SocketLevel && type == SystemCalls.ReceiveTimestamps ? timestamp : null;
}
