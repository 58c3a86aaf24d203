using Anatomic.Wire;

namespace Anatomic.Simulation.Networks;

/// <summary>
/// The line between a host and the internet. Each direction carries one segment after the other, in the order in which
/// they reach it.
/// </summary>
internal sealed class AccessLine(LineOptions options)
{
    // A narrow line has short buffers: with more, what is sent last would wait for many seconds.
    private const int MinWindowBytes = 16 * 1024;
    private const int WindowsPerSecond = 8;

    private readonly HashSet<(Endpoint Local, Endpoint Remote)> mappings = [];
    private long upFreeTicks;
    private long downFreeTicks;

    private double? UpBytesPerSecond => options.UpBytesPerSecond;

    private double? DownBytesPerSecond => options.DownBytesPerSecond;

    public bool IsBehindNat => options.IsBehindNat;

    /// <summary>Payload of connections sent so far, in bytes.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Payload of connections received so far, in bytes.</summary>
    public long ReceivedBytes { get; private set; }

    /// <summary>Bytes per second on the way between two hosts; null when neither line limits it.</summary>
    public static double? NarrowestOf(AccessLine from, AccessLine to) =>
        (from.UpBytesPerSecond, to.DownBytesPerSecond) switch
        {
            ({ } up, { } down) => Math.Min(up, down),
            var (up, down) => up ?? down,
        };

    /// <summary>Bytes that one connection may have under way; <paramref name="most"/> when nothing limits it.</summary>
    public static int WindowBytes(AccessLine from, AccessLine to, int most) =>
        NarrowestOf(from, to) is { } rate ? (int)Math.Clamp(rate / WindowsPerSecond, MinWindowBytes, most) : most;

    /// <summary>Sends a segment; returns when its last byte has left.</summary>
    public long Send(long nowTicks, int bytes)
    {
        SentBytes += bytes;
        return Pass(ref upFreeTicks, UpBytesPerSecond, nowTicks, bytes);
    }

    /// <summary>Receives a segment; returns when its last byte has arrived.</summary>
    public long Receive(long nowTicks, int bytes)
    {
        ReceivedBytes += bytes;
        return Pass(ref downFreeTicks, DownBytesPerSecond, nowTicks, bytes);
    }

    /// <summary>A datagram was sent: the router lets answers to it through.</summary>
    public void OnDatagramSent(in Endpoint local, in Endpoint remote)
    {
        if (IsBehindNat)
        {
            mappings.Add((local, remote));
        }
    }

    public bool LetsDatagramIn(in Endpoint local, in Endpoint remote) =>
        !IsBehindNat || mappings.Contains((local, remote));

    private static long Pass(ref long freeTicks, double? bytesPerSecond, long nowTicks, int bytes)
    {
        if (bytesPerSecond is not { } rate)
        {
            return nowTicks;
        }
        freeTicks = Math.Max(nowTicks, freeTicks) + (long)(bytes / rate * TimeSpan.TicksPerSecond);
        return freeTicks;
    }
}
