using System.Net;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;

namespace Anatomic.Simulation.Networks;

/// <summary>What lies between the hosts: who has which address and name, how long messages take, and which pairs are cut off.</summary>
public sealed class Internet
{
    private readonly Scheduler scheduler;
    private readonly HostProcess scenarioProcess;
    private readonly SeededEntropy entropy;
    private readonly Dictionary<(ulong, ulong), SimulatedHost> hosts = [];
    private readonly Dictionary<string, IPAddress[]> names = [];
    private readonly Dictionary<(int, int), long> latencies = [];
    private readonly HashSet<(int, int)> cuts = [];
    private readonly SortedDictionary<long, IBreakable> open = [];
    private long opened;

    internal Internet(Scheduler scheduler, HostProcess scenarioProcess, SeededEntropy entropy)
    {
        this.scheduler = scheduler;
        this.scenarioProcess = scenarioProcess;
        this.entropy = entropy;
    }

    /// <summary>Applies to every pair. Latencies already drawn stay.</summary>
    public LinkOptions Links { get; set; } = new();

    /// <summary>Told of everything that arrives; null: nobody. For checkers.</summary>
    public ITrafficWatcher? Watcher { get; set; }

    /// <summary>The name has these addresses from now on; none: it is unknown.</summary>
    public void AddName(string name, params IPAddress[] addresses) => names[name] = addresses;

    /// <summary>No message passes between the two any more; what is under way and open connections are lost.</summary>
    public void Partition(SimulatedHost left, SimulatedHost right)
    {
        cuts.Add(Pair(left, right));
        scheduler.Add(scenarioProcess, TraceKind.Partition, $"{left.Name} {right.Name}");
        foreach (var thing in open.Values.Where(thing => thing.IsBetween(left, right)).ToArray())
        {
            // Each end finds out by itself, when its retransmissions have come to nothing.
            thing.Break("no answer any more", TimeSpan.FromSeconds(5 + entropy.Next(15)));
        }
    }

    public void Heal(SimulatedHost left, SimulatedHost right)
    {
        cuts.Remove(Pair(left, right));
        scheduler.Add(scenarioProcess, TraceKind.Heal, $"{left.Name} {right.Name}");
    }

    internal void Register(SimulatedHost host)
    {
        foreach (var address in host.Addresses)
        {
            var at = Endpoint.From(address, 0);
            Invariant.Holds(hosts.TryAdd((at.High, at.Low), host));
        }
    }

    internal SimulatedHost? HostAt(SimulatedHost from, in Endpoint address) =>
        IPAddress.IsLoopback(address.ToAddress()) ? from : hosts.GetValueOrDefault((address.High, address.Low));

    internal IPAddress[] Lookup(string name) => names.GetValueOrDefault(name) ?? [];

    internal bool CanReach(SimulatedHost from, SimulatedHost to) =>
        to.IsUp && from.IsUp && !cuts.Contains(Pair(from, to));

    /// <summary>How long one message takes now, in ticks.</summary>
    internal long Travel(SimulatedHost from, SimulatedHost to) =>
        from == to
            ? TimeSpan.FromMicroseconds(20).Ticks + entropy.Next(200)
            : Latency(from, to) + entropy.Between(TimeSpan.Zero, Links.Jitter);

    internal bool DropsDatagram(SimulatedHost from, SimulatedHost to) =>
        from != to && entropy.Chance(Links.DatagramLoss);

    /// <summary>Where a stream of bytes is cut into two deliveries, to exercise those who read; 0: nowhere.</summary>
    internal int Split(int length) => length > 1 && entropy.Next(8) == 0 ? 1 + entropy.Next(length - 1) : 0;

    internal long Track(IBreakable thing)
    {
        open.Add(++opened, thing);
        return opened;
    }

    internal void Forget(long id) => open.Remove(id);

    /// <summary>The kernel of a dying host resets what was open, as after kill -9.</summary>
    internal void BreakAll(SimulatedHost host)
    {
        foreach (var thing in open.Values.Where(thing => thing.Touches(host)).ToArray())
        {
            thing.Break("the other side has reset the connection", TimeSpan.Zero);
        }
    }

    private long Latency(SimulatedHost from, SimulatedHost to)
    {
        var pair = Pair(from, to);
        if (!latencies.TryGetValue(pair, out var latency))
        {
            latency = latencies[pair] = entropy.Between(Links.LatencyMin, Links.LatencyMax);
        }
        return latency;
    }

    private static (int, int) Pair(SimulatedHost left, SimulatedHost right) =>
        (Math.Min(left.Index, right.Index), Math.Max(left.Index, right.Index));
}

/// <summary>Something open between two hosts that ends when one dies or the way between them is cut.</summary>
internal interface IBreakable
{
    bool Touches(SimulatedHost host);

    bool IsBetween(SimulatedHost left, SimulatedHost right);

    /// <summary>Both ends learn it after <paramref name="delay"/> and one latency.</summary>
    void Break(string why, TimeSpan delay);
}
