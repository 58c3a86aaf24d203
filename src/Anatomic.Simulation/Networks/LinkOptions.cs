namespace Anatomic.Simulation.Networks;

/// <summary>
/// How two hosts are connected: latency, jitter, packet loss and bandwidth. Each pair of hosts draws its latency once;
/// every message adds its own jitter.
/// </summary>
public sealed record LinkOptions
{
    /// <summary>Lower bound of the one-way latency. Default: 2 ms.</summary>
    public TimeSpan LatencyMin { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Upper bound of the one-way latency. Default: 40 ms, about the width of a continent.</summary>
    public TimeSpan LatencyMax { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>
    /// Upper bound of the random delay added to each message, so that datagrams can arrive out of order. Default: 3 ms.
    /// </summary>
    public TimeSpan Jitter { get; init; } = TimeSpan.FromMilliseconds(3);

    /// <summary>
    /// Probability that a datagram is dropped on the way, 0–1; <see cref="DatagramDelivery"/> applies it. Connections
    /// are not affected. Default: 0.01.
    /// </summary>
    public double DatagramLoss { get; init; } = 0.01;

    /// <summary>
    /// Probability that a packet of a connection is lost, 0–1. TCP sends it again, so it arrives later, and everything
    /// sent after it waits. Default: 0.
    /// </summary>
    public double StreamLoss { get; init; }

    /// <summary>Bandwidth of one connection in one direction, in bytes per second. Default: 16 MiB/s.</summary>
    public double BytesPerSecond { get; init; } = 16 * 1024 * 1024;
}
