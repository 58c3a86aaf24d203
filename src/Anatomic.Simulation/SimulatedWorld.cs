using Anatomic.Simulation.Disks;
using Anatomic.Simulation.Networks;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Stores;
using Anatomic.Simulation.Tracing;
using Anatomic.World;

namespace Anatomic.Simulation;

/// <summary>The world of one life of a host.</summary>
internal sealed class SimulatedWorld : IWorld, ILoops
{
    private readonly SimulatedStores stores;

    public SimulatedWorld(SimulatedHost host, Internet internet, HostLife life, SeededEntropy entropy)
    {
        Life = life;
        Clock = new SimulatedClock(life, host.Skew);
        Entropy = entropy.Fork("programs");
        Network = new SimulatedNetwork(life, host, internet);
        Exchange = new SimulatedExchange(Network);
        Disk = new SimulatedDisk(life, host.Disk, Clock, entropy.Fork("disk"));
        stores = new SimulatedStores(life, host.Stores, host.Disk, entropy.Fork("stores"));
        Workers = new SimulatedWorkers(life, entropy.Fork("workers"));
        Signatures = new SimulatedSignatures(entropy.Fork("keys"));
        Journal = new SimulatedJournal(life, host.Journal);
    }

    public HostLife Life { get; }
    public TimeProvider Clock { get; }
    public Entropy Entropy { get; }
    public SimulatedNetwork Network { get; }
    public IExchange Exchange { get; }
    public IDisk Disk { get; }
    public IStores Stores => stores;
    public IWorkers Workers { get; }
    public ILoops Loops => this;
    public ISignatures Signatures { get; }
    public IJournal Journal { get; }

    public IReadOnlyList<ILoop> All => Life.Loops;

    INetwork IWorld.Network => Network;

    /// <summary>Commits under way land or not; everything else of this life is dropped by the scheduler.</summary>
    public void Crash()
    {
        stores.Crash();
        Life.End();
    }
}
