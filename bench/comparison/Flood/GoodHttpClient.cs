using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.Http;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Flood;

/// <summary>A client that announces over HTTP, a connection for each announce as clients do: it must get in at the door, too.</summary>
internal sealed class GoodHttpClient(IPEndPoint server, Population population, double perSecond) : IGoodClient
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(2);

    private readonly HttpConnection[] connections =
    [
        .. Enumerable.Range(0, Population.V4Sources).Select(i => new HttpConnection(SocketName.Of(server), i)),
    ];

    private readonly HttpAnnounces work = new(population, seed: 77, verify: true, stays: false);
    private long due = Stopwatch.GetTimestamp();

    public LoadResult Result { get; private set; } = new();

    public void Begin()
    {
        Result = new LoadResult();
        due = Stopwatch.GetTimestamp();
        foreach (var connection in connections)
        {
            End(connection);
        }
    }

    public void Step(bool asks)
    {
        foreach (var connection in connections)
        {
            if (!connection.IsIdle)
            {
                Serve(connection);
            }
            else if (asks && Stopwatch.GetTimestamp() >= due)
            {
                connection.Ask(work, due);
                due += (long)(Stopwatch.Frequency / perSecond);
            }
        }
    }

    public void Dispose() => Array.ForEach(connections, End);

    private void Serve(HttpConnection connection)
    {
        var broken = false;
        if (connection.Wanted == LinuxCalls.Writable)
        {
            broken = !connection.Push();
        }
        else if (connection.Pull(work, out var good, out _, out broken) != ReplyState.Partial)
        {
            Result.Answered += good ? 1 : 0;
            Result.Bad += good ? 0 : 1;
            Result.Latencies.Add(Stopwatch.GetTimestamp() - connection.Since);
            End(connection);
            return;
        }
        if (broken || Stopwatch.GetElapsedTime(connection.Since) > GiveUpAfter)
        {
            Result.Lost++;
            End(connection);
        }
    }

    private static void End(HttpConnection connection)
    {
        connection.Finish();
        connection.Close();
    }
}
