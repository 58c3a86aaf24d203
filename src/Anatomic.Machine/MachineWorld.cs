using Anatomic.Machine.Configuration;
using Anatomic.Machine.Disk;
using Anatomic.Machine.Http.Client;
using Anatomic.Machine.Identity;
using Anatomic.Machine.Loops;
using Anatomic.Machine.Memory;
using Anatomic.Machine.Stores;
using Anatomic.World;

namespace Anatomic.Machine;

/// <summary>
/// The real world: clock, sockets, files and entropy of the machine. Disposing it closes the open stores and stops the
/// loops. Whoever opened servers and connections disposes them first.
/// </summary>
public sealed class MachineWorld : IWorld, IAsyncDisposable
{
    private readonly MachineLoops loops;
    private readonly MachineWorkers workers;
    private readonly DiskThreads diskThreads;
    private readonly MachineStores stores;
    private readonly MachineHttpClient exchange;
    private readonly MemoryTrimmer? memory;

    public MachineWorld(MachineOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.StateFolder, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Loops, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.DiskThreads, 1, nameof(options));
        Network = new MachineNetwork(options);
        exchange = new MachineHttpClient(Network);
        stores = new MachineStores(Path.GetFullPath(options.StateFolder));
        workers = new MachineWorkers(options.Workers);
        loops = new MachineLoops(options.Loops, options.Unhandled);
        diskThreads = new DiskThreads(options.DiskThreads);
        Disk = new MachineDisk(diskThreads, options.Portable);
        EventLog = options.EventLog;
        memory = options.TrimsMemory ? new MemoryTrimmer(options.EventLog) : null;
    }

    public TimeProvider Clock => TimeProvider.System;

    public Entropy Entropy { get; } = new MachineEntropy();

    public INetwork Network { get; }

    public IHttpClient Http => exchange;

    public IDisk Disk { get; }

    public IStores Stores => stores;

    public IWorkers Workers => workers;

    public ILoops Loops => loops;

    public ISignatures Signatures { get; } = new MachineSignatures();

    public IEventLog EventLog { get; }

    public void TrimMemory() => memory?.Compact();

    /// <summary>Must not be called on a loop.</summary>
    public async ValueTask DisposeAsync()
    {
        memory?.Dispose();
        exchange.Dispose();
        await stores.DisposeAsync().ConfigureAwait(false);
        diskThreads.Stop();
        workers.Stop();
        loops.Stop();
    }
}
