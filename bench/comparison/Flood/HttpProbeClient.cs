using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.Http;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Flood;

/// <summary>
/// Announces over HTTP with one connection per announce, as clients do. So the server must accept connections, too.
/// </summary>
internal sealed class HttpProbeClient(IPEndPoint server, Population population, double requestsPerSecond) : IProbeClient
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(2);

    private readonly HttpConnection[] connections =
    [
        .. Enumerable.Range(0, Population.V4Sources).Select(i => new HttpConnection(SocketAddressBytes.Of(server), i)),
    ];

    private readonly HttpAnnounceWorkload workload = new(population, seed: 77, verify: true, keepAlive: false);
    private long due = Stopwatch.GetTimestamp();

    public LoadResult Result { get; private set; } = new();

    public void Begin()
    {
        Result = new LoadResult();
        due = Stopwatch.GetTimestamp();
        foreach (var connection in connections)
        {
            Close(connection);
        }
    }

    public void Step(bool sends)
    {
        foreach (var connection in connections)
        {
            if (!connection.IsIdle)
            {
                Continue(connection);
            }
            else if (sends && Stopwatch.GetTimestamp() >= due)
            {
                connection.Send(workload, due);
                due += (long)(Stopwatch.Frequency / requestsPerSecond);
            }
        }
    }

    public void Dispose() => Array.ForEach(connections, Close);

    private void Continue(HttpConnection connection)
    {
        var outcome = ReceiveOutcome.Partial;
        if (connection.AwaitedEvents != SystemCalls.Writable)
        {
            outcome = connection.Receive(workload, out _);
        }
        else if (!connection.SendPending())
        {
            outcome = ReceiveOutcome.Broken;
        }
        if (outcome is ReceiveOutcome.Valid or ReceiveOutcome.Invalid)
        {
            Result.Answered += outcome == ReceiveOutcome.Valid ? 1 : 0;
            Result.Invalid += outcome == ReceiveOutcome.Invalid ? 1 : 0;
            Result.Latencies.Add(Stopwatch.GetTimestamp() - connection.StartedAt);
            Close(connection);
            return;
        }
        if (outcome == ReceiveOutcome.Broken || Stopwatch.GetElapsedTime(connection.StartedAt) > RequestTimeout)
        {
            Result.Lost++;
            Close(connection);
        }
    }

    private static void Close(HttpConnection connection)
    {
        connection.Finish();
        connection.Close();
    }
}
