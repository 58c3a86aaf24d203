using Anatomic.Wire;

namespace Anatomic.Engine.Picking;

/// <summary>
/// The number of requests to keep outstanding with one peer: rate × round trip, so that the peer never waits for us. It
/// starts like TCP's slow start: each received block adds one request, until the rate stops growing.
/// </summary>
internal sealed class RequestWindow
{
    /// <summary>Added to the measured round trip for the peer's disk and our own pauses.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(300);

    private TimeSpan roundTrip = TimeSpan.FromSeconds(1);
    private bool isMeasured;
    private bool isGrowing = true;
    private long lastRate;
    private int maxSize = EngineLimits.DefaultRequestQueue;

    public int Size { get; private set; } = EngineLimits.MinRequestQueue;

    /// <summary>
    /// The shortest time between a request and its block that was measured lately; a second at first.
    /// </summary>
    public TimeSpan RoundTrip => roundTrip;

    /// <summary>Sets the number of requests the peer queues (BEP 10's <c>reqq</c>).</summary>
    public void SetMaxSize(int requestQueue) => maxSize = Math.Clamp(requestQueue, 1, EngineLimits.MaxRequestQueue);

    /// <summary>Records a block that arrived <paramref name="elapsed"/> after its request.</summary>
    public void BlockReceived(TimeSpan elapsed)
    {
        if (!isMeasured || elapsed < roundTrip)
        {
            roundTrip = elapsed;
            isMeasured = true;
        }
        if (isGrowing)
        {
            Size = Math.Min(Size + 1, maxSize);
        }
    }

    /// <summary>Updates the size; called once per second with the current rate in bytes per second.</summary>
    public void Tick(long rate)
    {
        if (!isMeasured)
        {
            return;
        }
        if (isGrowing && rate > 0 && rate < lastRate + (lastRate / 10))
        {
            isGrowing = false;
        }
        lastRate = rate;
        // The minimum is forgotten slowly, as the route to the peer may change.
        roundTrip += roundTrip / 64;
        if (!isGrowing)
        {
            var wanted = rate * (roundTrip + Slack).TotalSeconds / PeerLimits.BlockBytes;
            Size = (int)Math.Clamp(wanted, Math.Min(EngineLimits.MinRequestQueue, maxSize), maxSize);
        }
    }

    /// <summary>Shrinks the window of a peer that rejects a request: it takes fewer than we send.</summary>
    public void Rejected()
    {
        Size = Math.Max(1, Size / 2);
        isGrowing = false;
    }

    /// <summary>Resets the window of a snubbing peer: one outstanding request lets it recover.</summary>
    public void Snubbed()
    {
        Size = 1;
        isGrowing = true;
        isMeasured = false;
    }
}
