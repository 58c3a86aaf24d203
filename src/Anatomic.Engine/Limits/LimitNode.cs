namespace Anatomic.Engine.Limits;

/// <summary>The direction of a transfer.</summary>
internal enum Direction
{
    Down,
    Up,
}

/// <summary>
/// A node of the tree of rate limits: the session, a class, a torrent or a peer. Bytes count at the node and at all
/// above it. May be used from any loop.
/// </summary>
internal sealed class LimitNode
{
    /// <summary>Longest sleep before a changed limit is noticed.</summary>
    private static readonly TimeSpan MaxSleep = TimeSpan.FromMilliseconds(500);

    private readonly TokenBucket down = new();
    private readonly TokenBucket up = new();
    private volatile LimitNode? parent;
    private int changes;

    public LimitNode(LimitNode? parent, TimeProvider clock)
    {
        this.parent = parent;
        Clock = clock;
    }

    public TimeProvider Clock { get; }

    /// <summary>The node above; null for the root. A torrent moves to another class by changing it.</summary>
    public LimitNode? Parent
    {
        get => parent;
        set
        {
            parent = value;
            Interlocked.Increment(ref changes);
        }
    }

    /// <summary>Rises with each change of a limit of the node or above.</summary>
    private int Changes
    {
        get
        {
            var sum = 0;
            for (var node = this; node is not null; node = node.parent)
            {
                sum = unchecked(sum + Volatile.Read(ref node.changes));
            }
            return sum;
        }
    }

    // Monotonic: a step of the wall clock neither stalls a limit nor lifts it.
    private long NowTicks => Clock.GetElapsedTime(0).Ticks;

    /// <summary>The node's own limit in bytes per second; 0: unlimited.</summary>
    public long LimitOf(Direction direction) => BucketOf(direction).Rate;

    /// <summary>
    /// Sets the node's limits in bytes per second; 0: unlimited. They hold at once, for those that wait as well.
    /// </summary>
    public void SetLimits(long downBytesPerSecond, long upBytesPerSecond)
    {
        down.SetRate(downBytesPerSecond, NowTicks);
        up.SetRate(upBytesPerSecond, NowTicks);
        Interlocked.Increment(ref changes);
    }

    /// <summary>Whether the node or one above it has a limit.</summary>
    public bool IsLimited(Direction direction)
    {
        for (var node = this; node is not null; node = node.parent)
        {
            if (node.BucketOf(direction).Rate > 0)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Waits until bytes may be transferred; returns how many. Those that wait are served in the order of their calls.
    /// </summary>
    /// <param name="direction">The direction of the transfer.</param>
    /// <param name="least">At least this many are granted, however low the limit is.</param>
    /// <param name="most">At most this many are granted.</param>
    public async ValueTask<int> AcquireAsync(Direction direction, int least, int most, CancellationToken stop)
    {
        if (!IsLimited(direction))
        {
            return most;
        }
        var granted = Math.Clamp(Quantum(direction), least, Math.Max(least, most));
        var seen = Changes;
        var wait = Reserve(direction, granted);
        try
        {
            while (wait > TimeSpan.Zero && Changes == seen)
            {
                var sleep = wait < MaxSleep ? wait : MaxSleep;
                await Task.Delay(sleep, Clock, stop);
                wait -= sleep;
            }
        }
        catch (OperationCanceledException)
        {
            Refund(direction, granted);
            throw;
        }
        return granted;
    }

    /// <summary>Counts bytes that are transferred without waiting; later ones wait for them.</summary>
    public void Charge(Direction direction, int bytes) => Reserve(direction, bytes);

    /// <summary>Gives back granted bytes that were not transferred.</summary>
    public void Refund(Direction direction, int bytes)
    {
        for (var node = this; node is not null; node = node.parent)
        {
            node.BucketOf(direction).Refund(bytes);
        }
    }

    /// <summary>Corrects a grant by what was transferred really.</summary>
    public void Settle(Direction direction, int granted, int transferred)
    {
        if (transferred > granted)
        {
            Charge(direction, transferred - granted);
        }
        else if (transferred < granted)
        {
            Refund(direction, granted - transferred);
        }
    }

    private int Quantum(Direction direction)
    {
        var least = int.MaxValue;
        for (var node = this; node is not null; node = node.parent)
        {
            least = Math.Min(least, node.BucketOf(direction).Quantum);
        }
        return least;
    }

    private TimeSpan Reserve(Direction direction, int bytes)
    {
        var now = NowTicks;
        var longest = 0L;
        for (var node = this; node is not null; node = node.parent)
        {
            longest = Math.Max(longest, node.BucketOf(direction).Reserve(bytes, now));
        }
        return TimeSpan.FromTicks(longest);
    }

    private TokenBucket BucketOf(Direction direction) => direction == Direction.Down ? down : up;
}
