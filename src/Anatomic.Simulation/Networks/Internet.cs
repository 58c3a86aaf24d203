using System.Net;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;

namespace Anatomic.Simulation.Networks;

/// <summary>
/// Everything between the hosts: addresses and names, link delays, packet loss and partitions.
/// <see cref="DatagramDelivery"/> and <see cref="SimulatedConnection"/> apply what it decides.
/// </summary>
public sealed class Internet
{
    private static readonly TimeSpan LocalDelay = TimeSpan.FromMicroseconds(20); // between processes of one host
    private const int LocalJitterTicks = 200; // 20 µs
    private const int SplitOneIn = 8;
    private const int PacketBytes = 1448; // of TCP in an Ethernet frame
    private const int MaxRetransmissions = 5;
    private static readonly TimeSpan MinRetransmissionTimeout = TimeSpan.FromMilliseconds(200); // Linux, TCP_RTO_MIN

    // When TCP gives up: each end notices by itself, once its retransmissions have come to nothing.
    private const int GiveUpMinSeconds = 5;
    private const int GiveUpSpreadSeconds = 15;

    private readonly Scheduler scheduler;
    private readonly HostProcess scenarioProcess;
    private readonly SeededEntropy entropy;
    private readonly Dictionary<(ulong, ulong), INetworkHost> hosts = [];
    private readonly Dictionary<string, IPAddress[]> names = [];
    private readonly Dictionary<(int, int), long> latencies = [];
    private readonly HashSet<(int, int)> partitions = [];
    private readonly SortedDictionary<long, IBreakable> open = [];
    private long lastId;

    internal Internet(Scheduler scheduler, HostProcess scenarioProcess, SeededEntropy entropy)
    {
        this.scheduler = scheduler;
        this.scenarioProcess = scenarioProcess;
        this.entropy = entropy;
    }

    /// <summary>Applies to every pair of hosts. Latencies that are drawn already do not change.</summary>
    public LinkOptions Links { get; set; } = new();

    /// <summary>Sees everything that arrives at a host; null for none.</summary>
    public ITrafficWatcher? Watcher { get; set; }

    /// <summary>Sets the addresses of a DNS name; none makes the name unknown.</summary>
    public void AddName(string name, params IPAddress[] addresses) => names[name] = addresses;

    /// <summary>
    /// Separates two hosts until <see cref="Heal"/>: messages under way are lost, and open connections break after some
    /// time.
    /// </summary>
    public void Partition(INetworkHost left, INetworkHost right)
    {
        partitions.Add(Pair(left, right));
        scheduler.Record(scenarioProcess, TraceKind.NetworkPartitioned, $"{left.Name},{right.Name}");
        foreach (var thing in open.Values.Where(thing => thing.IsBetween(left, right)).ToArray())
        {
            var delay = TimeSpan.FromSeconds(GiveUpMinSeconds + entropy.Next(GiveUpSpreadSeconds));
            thing.Break("the other side no longer answers", delay);
        }
    }

    /// <summary>Ends a partition.</summary>
    public void Heal(INetworkHost left, INetworkHost right)
    {
        partitions.Remove(Pair(left, right));
        scheduler.Record(scenarioProcess, TraceKind.NetworkHealed, $"{left.Name},{right.Name}");
    }

    internal void Register(INetworkHost host)
    {
        foreach (var address in host.Addresses)
        {
            var at = Endpoint.From(address, 0);
            Invariant.Holds(hosts.TryAdd((at.High, at.Low), host));
        }
    }

    internal INetworkHost? HostAt(INetworkHost from, in Endpoint address) =>
        IPAddress.IsLoopback(address.ToAddress()) ? from : hosts.GetValueOrDefault((address.High, address.Low));

    internal IPAddress[] Resolve(string name) => names.GetValueOrDefault(name) ?? [];

    internal bool CanReach(INetworkHost from, INetworkHost to) =>
        to.IsUp && from.IsUp && !partitions.Contains(Pair(from, to));

    /// <summary>Draws the one-way delay of one message, in ticks.</summary>
    internal long DrawDelay(INetworkHost from, INetworkHost to) =>
        from == to
            ? LocalDelay.Ticks + entropy.Next(LocalJitterTicks)
            : Latency(from, to) + entropy.NextTicks(TimeSpan.Zero, Links.Jitter);

    /// <summary>Draws whether the link drops a datagram. Datagrams inside one host are never lost.</summary>
    internal bool LosesDatagram(INetworkHost from, INetworkHost to) => from != to && entropy.Chance(Links.DatagramLoss);

    /// <summary>Draws for how long retransmissions hold back a segment of a connection, in ticks.</summary>
    internal long DrawRetransmission(INetworkHost from, INetworkHost to, int bytes)
    {
        if (from == to || Links.StreamLoss == 0 || bytes == 0)
        {
            return 0;
        }
        var packets = (bytes + PacketBytes - 1) / PacketBytes;
        var isLost = entropy.Chance(1 - Math.Pow(1 - Links.StreamLoss, packets));
        var delay = 0L;
        for (var i = 0; isLost && i < MaxRetransmissions; i++)
        {
            // The timeout doubles each time (RFC 6298).
            delay += (MinRetransmissionTimeout.Ticks << i) + (2 * Latency(from, to));
            isLost = entropy.Chance(Links.StreamLoss);
        }
        return delay;
    }

    /// <summary>
    /// Draws where a run of bytes is split into two deliveries, so that readers meet partial data; 0 means no split.
    /// </summary>
    internal int DrawSplit(int length) =>
        length > 1 && entropy.Next(SplitOneIn) == 0 ? 1 + entropy.Next(length - 1) : 0;

    /// <summary>Registers something that a crash or a partition breaks; returns its id.</summary>
    internal long Track(IBreakable thing)
    {
        open.Add(++lastId, thing);
        return lastId;
    }

    internal void Untrack(long id) => open.Remove(id);

    /// <summary>The kernel of a crashing host resets its open connections, as after kill -9.</summary>
    internal void ResetAll(INetworkHost host)
    {
        foreach (var thing in open.Values.Where(thing => thing.Involves(host)).ToArray())
        {
            thing.Break("the other side has reset the connection", TimeSpan.Zero);
        }
    }

    private long Latency(INetworkHost from, INetworkHost to)
    {
        var pair = Pair(from, to);
        if (!latencies.TryGetValue(pair, out var latency))
        {
            latency = latencies[pair] = entropy.NextTicks(Links.LatencyMin, Links.LatencyMax);
        }
        return latency;
    }

    private static (int, int) Pair(INetworkHost left, INetworkHost right) =>
        (Math.Min(left.Index, right.Index), Math.Max(left.Index, right.Index));
}
