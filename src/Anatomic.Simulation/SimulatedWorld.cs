using Anatomic.Simulation.Disks;
using Anatomic.Simulation.Networks;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Stores;
using Anatomic.World;

namespace Anatomic.Simulation;

/// <summary>The world that one host process runs in.</summary>
internal sealed class SimulatedWorld : IWorld, ILoops
{
    private readonly SimulatedStores stores;

    public SimulatedWorld(SimulatedHost host, Internet internet, HostProcess process, SeededEntropy entropy)
    {
        Process = process;
        Clock = new SimulatedClock(process, host.Skew);
        Entropy = entropy.Fork("programs");
        Network = new SimulatedNetwork(process, host, internet);
        Http = new SimulatedHttpClient(Network);
        Disk = new SimulatedDisk(process, host.Disk, Clock, entropy.Fork("disk"));
        stores = new SimulatedStores(process, host.Stores, host.Disk, entropy.Fork("stores"));
        Workers = new SimulatedWorkers(process, entropy.Fork("workers"));
        Signatures = new SimulatedSignatures(entropy.Fork("keys"));
        EventLog = new SimulatedEventLog(process, host.EventLog);
    }

    public HostProcess Process { get; }
    public TimeProvider Clock { get; }
    public Entropy Entropy { get; }
    public SimulatedNetwork Network { get; }
    public IHttpClient Http { get; }
    public IDisk Disk { get; }
    public IStores Stores => stores;
    public IWorkers Workers { get; }
    public ILoops Loops => this;
    public ISignatures Signatures { get; }
    public IEventLog EventLog { get; }

    public IReadOnlyList<ILoop> All => Process.Loops;

    INetwork IWorld.Network => Network;

    /// <summary>Kills the process. Pending commits survive by chance.</summary>
    public void Crash()
    {
        stores.Crash();
        Process.Crash();
    }
}
