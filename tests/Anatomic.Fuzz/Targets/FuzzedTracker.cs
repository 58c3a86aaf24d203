using Anatomic.Tracker;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;

namespace Anatomic.Fuzz.Targets;

/// <summary>A new open tracker for each input, always the same one, so that an input breaks it alone or not at all.</summary>
internal sealed class FuzzedTracker : IDisposable
{
    /// <summary>How far time goes at once: no part of any period of the tracker, so that inputs come to every moment of each.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(97);

    private static readonly TrackerOptions Options = new()
    {
        Open = true,
        AllowPrivate = true,
        MaxSwarms = 16,
        MaxPeers = 64,
        TrustedProxies = [System.Net.IPNetwork.Parse("10.0.0.0/8"), System.Net.IPNetwork.Parse("fd00::/8")],
    };

    private readonly SteppedClock clock = new();
    private readonly Task sweeping;

    public FuzzedTracker()
    {
        Service = new TrackerService(Options, clock, new CountingEntropy());
        sweeping = Service.RunAsync(CancellationToken.None);
    }

    public TrackerService Service { get; }

    public void Dispose() => Service.Dispose();

    /// <summary>Since the start.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Lets time go on by a step, and a part of the silent peers be forgotten.</summary>
    public void Pass()
    {
        Now += Step;
        clock.Pass(Step);
        if (sweeping.IsCompleted)
        {
            throw new InvalidOperationException("the sweep has ended", sweeping.Exception);
        }
    }

    /// <summary>An asker of either family; every fourth is one of the proxies that are trusted.</summary>
    public static Endpoint Asker(int number) =>
        (number & 3) switch
        {
            0 => Endpoint.FromV4(0x5000_0000u + (uint)number, 6881),
            1 => new Endpoint(0x2A00_0000_0000_0000, (ulong)number, 6881),
            2 => Endpoint.FromV4(0x0A00_0000u + (uint)number, 6881),
            _ => Endpoint.FromV4(0xC0A8_0000u + (uint)number, 6881),
        };
}
