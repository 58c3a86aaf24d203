using Anatomic.Testing;

namespace Anatomic.Fuzz.Targets;

/// <summary>Clocks that stand still until a target moves them.</summary>
internal static class FuzzClock
{
    /// <summary>The time that the signed items and the connection ids of the corpus were made for.</summary>
    public static readonly DateTimeOffset CorpusTime = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);

    private static readonly TimeSpan Uptime = TimeSpan.FromHours(1);

    /// <summary>A clock that shows <paramref name="now"/>, on a machine that has been up for an hour.</summary>
    public static ManualClock At(DateTimeOffset now)
    {
        var clock = new ManualClock { Start = now - Uptime };
        clock.Jump(Uptime);
        return clock;
    }
}
