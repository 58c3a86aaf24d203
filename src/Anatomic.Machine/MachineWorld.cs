using Anatomic.World;

namespace Anatomic.Machine;

/// <summary>
/// The real world: the clock, sockets, files and entropy of the machine the process runs on. Disposing it ends the loops and
/// closes the stores that are still open; servers and connections are disposed by those who opened them, beforehand.
/// </summary>
public sealed class MachineWorld : IWorld, IAsyncDisposable
{
    public MachineWorld(MachineOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Loops, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1);
    }

    public TimeProvider Clock => TimeProvider.System;

    public Entropy Entropy => throw new NotImplementedException();

    public INetwork Network => throw new NotImplementedException();

    public IExchange Exchange => throw new NotImplementedException();

    public IDisk Disk => throw new NotImplementedException();

    public IStores Stores => throw new NotImplementedException();

    public IWorkers Workers => throw new NotImplementedException();

    public ILoops Loops => throw new NotImplementedException();

    public ISignatures Signatures => throw new NotImplementedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
