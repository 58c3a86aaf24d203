using System.Diagnostics;

namespace Anatomic.Comparison.Load;

/// <summary>Decides when the requests of an open loop are due.</summary>
/// <remarks>
/// A server is charged for its own delays but not for the generator's, whose core pauses for dozens of microseconds a
/// thousand times a second on a virtual machine. So a request that could not leave in time is skipped, and latency
/// counts from when a request was handed to the kernel. It counts from when the request was due only while the maximum
/// is pending, for then the request waits for the server.
/// </remarks>
/// <param name="requestsPerSecond">The rate.</param>
/// <param name="start">When the first request is due, in stopwatch ticks.</param>
internal sealed class RequestPacer(double requestsPerSecond, long start)
{
    private readonly double ticksPerRequest = Stopwatch.Frequency / requestsPerSecond;
    private long start = start;
    private long released;
    private bool isBacklogged;

    /// <summary>A request later than this was delayed by the generator, in stopwatch ticks: 50 µs.</summary>
    public static long MaxLateness { get; } = Stopwatch.Frequency / 20_000;

    /// <summary>Releases the next request if it is due.</summary>
    /// <param name="now">In stopwatch ticks.</param>
    /// <param name="startedAt">From when the latency of the request counts.</param>
    public bool TryRelease(long now, out long startedAt)
    {
        var due = Due;
        startedAt = isBacklogged ? due : now;
        if (due > now)
        {
            isBacklogged = false;
            return false;
        }
        if (!isBacklogged && now - due > MaxLateness)
        {
            start += now - due;
        }
        released++;
        return true;
    }

    /// <summary>
    /// Tells the pacer that the maximum of requests is pending: what is due now waits for the server.
    /// </summary>
    public void NoteBacklog(long now) => isBacklogged |= Due <= now;

    private long Due => start + (long)(released * ticksPerRequest);
}
