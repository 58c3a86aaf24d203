using System.Net;
using Anatomic.Simulation.Disks;
using Anatomic.Simulation.Networks;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Stores;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation;

/// <summary>How a host is made.</summary>
public sealed record HostOptions
{
    /// <summary>How far its wall clock is ahead of the true time. Default: none.</summary>
    public TimeSpan Skew { get; init; }

    /// <summary>Event loops. Default: 1.</summary>
    public int Loops { get; init; } = 1;
}

/// <summary>
/// A machine in the simulation: its name, its addresses and its disk outlive a crash, everything else lives from
/// <see cref="Restart"/> to <see cref="Crash"/>.
/// </summary>
public sealed class SimulatedHost
{
    private readonly Scheduler scheduler;
    private readonly Internet internet;
    private readonly SeededEntropy entropy;
    private readonly HostOptions options;
    private SimulatedWorld world;

    internal SimulatedHost(
        Scheduler scheduler,
        Internet internet,
        SeededEntropy entropy,
        int index,
        string name,
        IReadOnlyList<IPAddress> addresses,
        HostOptions options
    )
    {
        this.scheduler = scheduler;
        this.internet = internet;
        this.entropy = entropy;
        this.options = options;
        Index = index;
        Name = name;
        Addresses = addresses;
        internet.Register(this);
        world = StartProcess();
    }

    public string Name { get; }
    public IReadOnlyList<IPAddress> Addresses { get; }

    /// <summary>The first address as text, as it stands in a URL.</summary>
    public string Address => Addresses[0].ToString();
    public TimeSpan Skew => options.Skew;
    public HostDisk Disk { get; } = new();
    public HostStores Stores { get; } = new();

    /// <summary>What its programs told their operator, over all its lives; the newest of them.</summary>
    public HostEventLog EventLog { get; } = new();
    public bool IsUp { get; private set; } = true;

    /// <summary>The world of the present life; programs on this host are given it.</summary>
    public IWorld World => world;

    internal int Index { get; }
    internal SimulatedNetwork Network => world.Network;

    /// <summary>
    /// Runs a flow on this host's first loop. Its task fails with <see cref="HostCrashedException"/> when the host crashes
    /// before the flow has ended.
    /// </summary>
    public async Task<T> RunAsync<T>(Func<IWorld, Task<T>> flow)
    {
        Invariant.Holds(IsUp);
        var here = world;
        var end = new TaskCompletionSource<T>();
        void OnCrash() => end.TrySetException(new HostCrashedException(Name));
        here.Process.Crashed += OnCrash;
        scheduler.Post(here.Process.Loops[0], () => _ = FollowAsync(flow, here, end));
        try
        {
            return await end.Task;
        }
        finally
        {
            here.Process.Crashed -= OnCrash;
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public async Task RunAsync(Func<IWorld, Task> flow) =>
        await RunAsync(async here =>
        {
            await flow(here);
            return true;
        });

    /// <summary>
    /// Memory is lost and connections die; writes that were not flushed survive by a drawn part, torn; commits that were
    /// acknowledged survive, those under way by luck. Nothing answers at its addresses until <see cref="Restart"/>.
    /// </summary>
    public void Crash()
    {
        Invariant.Holds(IsUp);
        scheduler.Add(world.Process, TraceKind.Crash, Name);
        internet.BreakAll(this);
        world.Crash();
        Disk.Crash(entropy);
        IsUp = false;
    }

    /// <summary>A new life with an empty memory; starts no program.</summary>
    public void Restart()
    {
        Invariant.Holds(!IsUp);
        world = StartProcess();
        IsUp = true;
        scheduler.Add(world.Process, TraceKind.Restart, Name);
    }

    private SimulatedWorld StartProcess() =>
        new(this, internet, new HostProcess(scheduler, Name, options.Loops), entropy.Fork("life"));

    private static async Task FollowAsync<T>(
        Func<IWorld, Task<T>> flow,
        SimulatedWorld here,
        TaskCompletionSource<T> end
    )
    {
        try
        {
            end.TrySetResult(await flow(here));
        }
        catch (Exception failed)
        {
            end.TrySetException(failed);
        }
    }
}
