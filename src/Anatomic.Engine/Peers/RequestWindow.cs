using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>
/// How many requests are kept with one peer: rate × round trip, so that it never waits for us. It begins like TCP, one more for
/// every block that comes, until the rate grows no more.
/// </summary>
internal sealed class RequestWindow
{
    /// <summary>A round trip is taken for this much longer: the other side's disk and our own pauses.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(300);

    private TimeSpan roundTrip = TimeSpan.FromSeconds(1);
    private bool measured;
    private bool growing = true;
    private long lastRate;
    private int most = EngineLimits.DefaultRequestQueue;

    public int Size { get; private set; } = EngineLimits.MinRequestQueue;

    /// <summary>What the peer keeps (BEP 10's <c>reqq</c>).</summary>
    public void Bound(int requestQueue) => most = Math.Clamp(requestQueue, 1, EngineLimits.MaxRequestQueue);

    /// <summary>A block came <paramref name="waited"/> after it was asked for.</summary>
    public void Arrived(TimeSpan waited)
    {
        if (!measured || waited < roundTrip)
        {
            roundTrip = waited;
            measured = true;
        }
        if (growing)
        {
            Size = Math.Min(Size + 1, most);
        }
    }

    /// <summary>Once a second, with the present rate in bytes a second.</summary>
    public void Tick(long rate)
    {
        if (!measured)
        {
            return;
        }
        if (growing && rate > 0 && rate < lastRate + (lastRate / 10))
        {
            growing = false;
        }
        lastRate = rate;
        // The least round trip is forgotten slowly: a line may become longer.
        roundTrip += roundTrip / 64;
        if (!growing)
        {
            var wanted = rate * (roundTrip + Slack).TotalSeconds / PeerLimits.BlockBytes;
            Size = (int)Math.Clamp(wanted, Math.Min(EngineLimits.MinRequestQueue, most), most);
        }
    }

    /// <summary>The peer sends nothing: one request keeps the door open.</summary>
    public void Snubbed()
    {
        Size = 1;
        growing = true;
        measured = false;
    }
}
