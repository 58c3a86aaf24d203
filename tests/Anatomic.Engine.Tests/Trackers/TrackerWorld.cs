using System.Net;
using Anatomic.Testing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Tests.Trackers;

/// <summary>A world on one thread with a clock that is set, and names that resolve when told to.</summary>
internal sealed class TrackerWorld : TimeProvider, IWorld, INetwork, ILoops, ILoop
{
    private readonly Queue<Action> posted = new();

    public DateTimeOffset Time { get; set; } = DateTimeOffset.UnixEpoch.AddDays(1);

    /// <summary>Names that were asked for, in order.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>The answer to the pending and all further questions.</summary>
    public TaskCompletionSource<IReadOnlyList<IPAddress>> Answer { get; set; } = new();

    public TimeProvider Clock => this;
    public Entropy Entropy { get; } = new SeededEntropy(1);
    public INetwork Network => this;
    public ILoops Loops => this;
    public IReadOnlyList<ILoop> All => [this];
    public IHttpClient Http => throw new NotSupportedException();
    public IDisk Disk => throw new NotSupportedException();
    public IStores Stores => throw new NotSupportedException();
    public IWorkers Workers => throw new NotSupportedException();
    public ISignatures Signatures => throw new NotSupportedException();
    public IEventLog EventLog => NullEventLog.Instance;

    public override DateTimeOffset GetUtcNow() => Time;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Time.UtcTicks;

    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken stop)
    {
        Asked.Add(host);
        return await Answer.Task;
    }

    public void Post(Action action) => posted.Enqueue(action);

    public Task RunAsync(Func<Task> work) => work();

    /// <summary>Runs what was posted.</summary>
    public void Drain()
    {
        while (posted.TryDequeue(out var action))
        {
            action();
        }
    }

    public ValueTask<IConnection> DialAsync(Endpoint to, CancellationToken stop) => throw new NotSupportedException();

    public IListener Listen(Endpoint at) => throw new NotSupportedException();

    public IDatagramPort OpenDatagramPort(Endpoint at, ILoop loop, IDatagramPortHandler handler) =>
        throw new NotSupportedException();

    public IRunningServer ServeDatagrams(Endpoint at, IDatagramHandler handler) => throw new NotSupportedException();

    public ValueTask<IRunningServer> ServeHttpAsync(HttpServerOptions server, CancellationToken stop) =>
        throw new NotSupportedException();
}
