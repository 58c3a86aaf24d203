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

    public Entropy Entropy => throw new NotSupportedException();

    public INetwork Network => throw new NotSupportedException();

    public IExchange Exchange => throw new NotSupportedException();

    public IDisk Disk => throw new NotSupportedException();

    public IStores Stores => throw new NotSupportedException();

    public IWorkers Workers => throw new NotSupportedException();

    public ILoops Loops => throw new NotSupportedException();

    public ISignatures Signatures => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
