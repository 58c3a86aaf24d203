using System.Diagnostics;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Results;
using Anatomic.Comparison.Servers;

namespace Anatomic.Comparison.Flood;

/// <summary>This node under hostile traffic, with a good client beside it that must be served all along.</summary>
internal sealed class FloodRun(FloodOptions options, Server server, JsonLines json)
{
    private const int Torrents = 10_000;
    private const int Peers = 200_000;
    private const double MiB = 1024 * 1024;

    /// <summary>
    /// How much more anonymous memory the node may have after a flood than before: the population's peers may all have come
    /// again, and the collector may hold a generation that it has not taken back yet. A leak of 8 bytes a datagram is beyond it.
    /// </summary>
    private const long MaxGrowthBytes = 64 << 20;

    /// <summary>Of the good client's announces so many may go without an answer: a full queue takes from everybody.</summary>
    private const double MaxLostShare = 0.01;

    public static int Start(Arguments arguments)
    {
        var options = FloodOptions.Read(arguments);
        var json = new JsonLines(arguments.Text("--json"));
        arguments.Finish();
        Cores.PinGenerator();
        var population = Population.Even("flood", Torrents, Peers);
        using var server = Trackers.StartAnatomic(options.Node);
        Filling.Fill(server, population);
        var run = new FloodRun(options, server, json);
        var udp = new DatagramFlood(server.Udp!, population);
        using var overUdp = new GoodUdpClient(server.Udp!, population, options.Good);
        var datagrams = run.Phase(
            "datagrams",
            options.Datagrams,
            overUdp,
            count => udp.Run(count, options.Pace, overUdp)
        );
        var http = new RequestFlood(server.Http!, population);
        using var overHttp = new GoodHttpClient(server.Http!, population, options.Good);
        var requests = run.Phase("requests", options.Requests, overHttp, count => http.Run(count, overHttp));
        return datagrams && requests ? 0 : 1;
    }

    /// <summary>One kind of flood; false: it was not withstood.</summary>
    private bool Phase(string what, int count, IGoodClient good, Func<int, long> flood)
    {
        try
        {
            return Withstands(what, count, good, flood);
        }
        catch (PeersException fault) when (server.EndsWithin(TimeSpan.FromSeconds(1)))
        {
            Console.WriteLine($"{what}: the node has ended ({fault.Message})");
            return false;
        }
    }

    private bool Withstands(string what, int count, IGoodClient good, Func<int, long> flood)
    {
        // The first tenth brings code and pools to where they stay; the memory is compared from there on.
        flood(count / 10);
        good.Begin();
        good.Run(options.Quiet, asks: true);
        good.Run(GraceForReplies, asks: false);
        var quiet = good.Result;
        var before = server.AnonymousBytes;
        good.Begin();
        var watch = Stopwatch.StartNew();
        var replies = flood(count);
        var time = watch.Elapsed;
        var under = good.Result;
        good.Run(GraceForReplies, asks: false);
        if (server.HasEnded)
        {
            throw new PeersException("while it was flooded");
        }
        var grown = server.AnonymousBytes - before;
        Tell(what, count, time, replies, quiet, under);
        Console.WriteLine(
            $"  node: {before / MiB:0.0} MiB before, {grown / MiB:+0.0;-0.0} MiB after, at most +{MaxGrowthBytes / MiB:0}; it is up"
        );
        json.Write(
            new
            {
                Flood = what,
                Count = count,
                Seconds = time.TotalSeconds,
                Replies = replies,
                QuietP50 = quiet.Latencies.Quantile(0.5),
                QuietP99 = quiet.Latencies.Quantile(0.99),
                FloodP50 = under.Latencies.Quantile(0.5),
                FloodP99 = under.Latencies.Quantile(0.99),
                under.Answered,
                under.Lost,
                under.Bad,
                MemoryBefore = before,
                MemoryGrown = grown,
            }
        );
        return Judge(what, quiet, under, grown);
    }

    private static TimeSpan GraceForReplies => TimeSpan.FromSeconds(2.5);

    private static void Tell(string what, int count, TimeSpan time, long replies, LoadResult quiet, LoadResult under)
    {
        Console.WriteLine(
            $"{what}: {count:N0} in {time.TotalSeconds:0.0} s, {count / time.TotalSeconds:N0}/s; {replies:N0} were answered"
        );
        Console.WriteLine($"  good client, quiet: {Words(quiet)}");
        Console.WriteLine($"  good client, flood: {Words(under)}");
    }

    private static string Words(LoadResult result) =>
        $"p50 {result.Latencies.Quantile(0.5):N0} µs, p99 {result.Latencies.Quantile(0.99):N0} µs; "
        + $"{result.Answered:N0} answered, {result.Lost:N0} lost, {result.Bad:N0} bad";

    private static bool Judge(string what, LoadResult quiet, LoadResult under, long grown)
    {
        var faults = new List<string>();
        if (quiet.Answered == 0 || under.Answered == 0 || under.Bad > 0)
        {
            faults.Add("the good client was not served");
        }
        if (under.Lost > MaxLostShare * (under.Answered + under.Lost))
        {
            faults.Add($"the good client lost more than {MaxLostShare:0%} of its announces");
        }
        if (grown > MaxGrowthBytes)
        {
            faults.Add($"memory grew by {grown / MiB:N0} MiB");
        }
        faults.ForEach(fault => Console.WriteLine($"  {what}: {fault}"));
        return faults.Count == 0;
    }
}
