namespace Anatomic.Simulation.Networks;

/// <summary>How two hosts are connected. Each pair draws its latency once between the bounds; every message adds jitter.</summary>
public sealed record LinkOptions
{
    /// <summary>One way. Default: 2 ms.</summary>
    public TimeSpan LatencyMin { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>One way. Default: 40 ms, a continent.</summary>
    public TimeSpan LatencyMax { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Added to every message, up to this; datagrams overtake each other by it. Default: 3 ms.</summary>
    public TimeSpan Jitter { get; init; } = TimeSpan.FromMilliseconds(3);

    /// <summary>Part of the datagrams that is lost, 0–1. Default: 0.01. Connections lose nothing.</summary>
    public double DatagramLoss { get; init; } = 0.01;

    /// <summary>Bytes a second of one connection in one direction. Default: 16 MiB.</summary>
    public double BytesPerSecond { get; init; } = 16 * 1024 * 1024;
}
