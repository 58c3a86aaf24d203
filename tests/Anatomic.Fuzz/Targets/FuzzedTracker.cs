using Anatomic.Testing;
using Anatomic.Tracker;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;

namespace Anatomic.Fuzz.Targets;

/// <summary>An open tracker, made anew for each input, so that a crash needs no other input before it.</summary>
internal sealed class FuzzedTracker : IDisposable
{
    /// <summary>
    /// How far the clock moves at once. It divides none of the tracker's periods, so inputs reach every phase of each.
    /// </summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(97);

    private static readonly TrackerOptions Options = new()
    {
        Open = true,
        AllowPrivate = true,
        MaxSwarms = 16,
        MaxPeers = 64,
        TrustedProxies = [System.Net.IPNetwork.Parse("10.0.0.0/8"), System.Net.IPNetwork.Parse("fd00::/8")],
    };

    private readonly ManualClock clock = new();
    private readonly Task sweeping;

    public FuzzedTracker()
    {
        Service = new TrackerService(Options, clock, new CountingEntropy());
        sweeping = Service.RunAsync(CancellationToken.None);
    }

    public TrackerService Service { get; }

    public void Dispose() => Service.Dispose();

    /// <summary>Time since the tracker started.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Moves the clock by a step, which removes a part of the silent peers.</summary>
    public void Advance()
    {
        Now += Step;
        clock.Jump(Step);
        if (sweeping.IsCompleted)
        {
            throw new InvalidOperationException("the sweep has ended", sweeping.Exception);
        }
    }

    /// <summary>A client's address in either family; every fourth is a trusted proxy.</summary>
    public static Endpoint ClientAddress(int number) =>
        (number & 3) switch
        {
            0 => Endpoint.FromV4(0x5000_0000u + (uint)number, 6881),
            1 => new Endpoint(0x2A00_0000_0000_0000, (ulong)number, 6881),
            2 => Endpoint.FromV4(0x0A00_0000u + (uint)number, 6881),
            _ => Endpoint.FromV4(0xC0A8_0000u + (uint)number, 6881),
        };
}
