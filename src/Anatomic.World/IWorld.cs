namespace Anatomic.World;

/// <summary>
/// The seams to the outside. What is written against this runs on a real machine (Anatomic.Machine) and, unchanged, in a
/// deterministic simulation (Anatomic.Simulation).
/// </summary>
public interface IWorld
{
    /// <summary>Time and timers: <c>Task.Delay(t, Clock, stop)</c>, <c>new CancellationTokenSource(t, Clock)</c>.</summary>
    TimeProvider Clock { get; }

    Entropy Entropy { get; }

    /// <summary>Dial, listen, datagrams, names, and the servers that the machine's loops push requests into.</summary>
    INetwork Network { get; }

    /// <summary>HTTP requests to others.</summary>
    IHttpClient Http { get; }

    IDisk Disk { get; }

    IStores Stores { get; }

    IWorkers Workers { get; }

    ILoops Loops { get; }

    ISignatures Signatures { get; }

    /// <summary>What the operator is told.</summary>
    IEventLog EventLog { get; }

    /// <summary>
    /// What has been read to start with has left behind many times what is kept of it: now is the time to give that back, while
    /// nobody waits for an answer.
    /// </summary>
    void TrimMemory() { }
}
