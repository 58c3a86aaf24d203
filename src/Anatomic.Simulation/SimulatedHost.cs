using System.Net;
using Anatomic.Simulation.Disks;
using Anatomic.Simulation.Networks;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Stores;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation;

/// <summary>
/// A simulated machine. Its name, addresses, disk, stores and event log survive a <see cref="Crash"/>; everything else
/// is lost with it.
/// </summary>
public sealed class SimulatedHost : INetworkHost
{
    private readonly Scheduler scheduler;
    private readonly Internet internet;
    private readonly SeededEntropy entropy;
    private readonly HostOptions options;
    private readonly int index;
    private readonly AccessLine line;
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
        this.index = index;
        Name = name;
        Addresses = addresses;
        line = new AccessLine(options.Line);
        internet.Register(this);
        world = StartProcess();
        scheduler.Record(world.Process, TraceKind.HostAdded, string.Join(',', addresses));
    }

    public string Name { get; }
    public IReadOnlyList<IPAddress> Addresses { get; }

    /// <summary>The first address, as in a URL.</summary>
    public string Address => Addresses[0].ToString();

    /// <inheritdoc cref="HostOptions.Skew"/>
    public TimeSpan Skew => options.Skew;
    public HostDisk Disk { get; } = new();
    public HostStores Stores { get; } = new();

    /// <summary>The newest events that its programs logged, before and after crashes.</summary>
    public HostEventLog EventLog { get; } = new();
    public bool IsUp { get; private set; } = true;

    /// <summary>Bytes that its connections have sent, before and after crashes.</summary>
    public long SentBytes => line.SentBytes;

    /// <summary>Bytes that its connections have received, before and after crashes.</summary>
    public long ReceivedBytes => line.ReceivedBytes;

    /// <summary>The world of the running process; programs on this host use it.</summary>
    public IWorld World => world;

    int INetworkHost.Index => index;
    AccessLine INetworkHost.Line => line;
    SimulatedNetwork INetworkHost.Network => world.Network;

    /// <summary>
    /// Runs code on this host's first event loop. The task fails with <see cref="HostCrashedException"/> when the host
    /// crashes first.
    /// </summary>
    public async Task<T> RunAsync<T>(Func<IWorld, Task<T>> start)
    {
        Invariant.Holds(IsUp);
        var here = world;
        var completion = new TaskCompletionSource<T>();
        void OnCrash() => completion.TrySetException(new HostCrashedException(Name));
        here.Process.Crashed += OnCrash;
        scheduler.Post(here.Process.Loops[0], () => _ = CompleteAsync(start, here, completion));
        try
        {
            return await completion.Task;
        }
        finally
        {
            here.Process.Crashed -= OnCrash;
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public async Task RunAsync(Func<IWorld, Task> start) =>
        await RunAsync(async here =>
        {
            await start(here);
            return true;
        });

    /// <summary>
    /// Memory and connections are lost. A random part of the unflushed writes survives, possibly torn. Acknowledged
    /// commits survive, pending ones by chance. Nothing answers at the host's addresses until <see cref="Restart"/>.
    /// </summary>
    public void Crash()
    {
        Invariant.Holds(IsUp);
        scheduler.Record(world.Process, TraceKind.HostCrashed, Name);
        internet.ResetAll(this);
        world.Crash();
        Disk.Crash(entropy);
        IsUp = false;
    }

    /// <summary>Boots the host after a crash, with empty memory and no program running.</summary>
    public void Restart()
    {
        Invariant.Holds(!IsUp);
        world = StartProcess();
        IsUp = true;
        scheduler.Record(world.Process, TraceKind.HostRestarted, Name);
    }

    private SimulatedWorld StartProcess() =>
        new(this, internet, new HostProcess(scheduler, Name, options.Loops), entropy.Fork("life"));

    private static async Task CompleteAsync<T>(
        Func<IWorld, Task<T>> start,
        SimulatedWorld here,
        TaskCompletionSource<T> completion
    )
    {
        try
        {
            completion.TrySetResult(await start(here));
        }
        catch (Exception failed)
        {
            completion.TrySetException(failed);
        }
    }
}
