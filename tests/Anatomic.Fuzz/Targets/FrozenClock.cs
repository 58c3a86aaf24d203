using Anatomic.World;

namespace Anatomic.Fuzz.Targets;

/// <summary>It is always the same moment, and no timer ever fires.</summary>
internal sealed class FrozenClock : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => TimeSpan.TicksPerHour;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new DeadTimer();

    private sealed class DeadTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() { }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>Numbers that are the same in every run.</summary>
internal sealed class CountingEntropy : Entropy
{
    private byte next = 1;

    public override Entropy Fork(string purpose) => new CountingEntropy { next = (byte)purpose.Length };

    public override void Fill(Span<byte> into)
    {
        foreach (ref var one in into)
        {
            one = unchecked(next += 101);
        }
    }
}
