namespace Anatomic.World;

/// <summary>
/// Everything the program needs from outside. Code written against it runs on a real machine (Anatomic.Machine) and,
/// unchanged, in a deterministic simulation (Anatomic.Simulation).
/// </summary>
public interface IWorld
{
    /// <summary>
    /// Time and timers: <c>Task.Delay(t, Clock, stop)</c>, <c>new CancellationTokenSource(t, Clock)</c>.
    /// </summary>
    TimeProvider Clock { get; }

    Entropy Entropy { get; }

    /// <summary>
    /// Connections, listeners, datagrams, name resolution, and servers whose requests the machine's loops push.
    /// </summary>
    INetwork Network { get; }

    /// <summary>HTTP requests to other machines.</summary>
    IHttpClient Http { get; }

    IDisk Disk { get; }

    IStores Stores { get; }

    IWorkers Workers { get; }

    ILoops Loops { get; }

    ISignatures Signatures { get; }

    /// <summary>The operator's log.</summary>
    IEventLog EventLog { get; }

    /// <summary>
    /// Returns unused memory to the system. Called after startup, which leaves behind far more garbage than it keeps,
    /// and before requests are answered.
    /// </summary>
    void TrimMemory() { }
}
