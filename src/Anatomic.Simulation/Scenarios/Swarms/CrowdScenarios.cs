using Anatomic.Simulation.Networks;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>
/// Swarms as they are: narrow lines, routers, lost packets, peers that leave and peers that only take.
/// </summary>
public static class CrowdScenarios
{
    private const int ContentBytes = 3_000_000;
    private const double SeederUp = 400_000;
    private const int WastedBlocks = 30;
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    /// <summary>Twenty leechers on equal lines finish close to the optimum.</summary>
    public static async Task EqualLines(Simulator simulator)
    {
        var crowd = await BuildAsync(simulator);
        for (var i = 0; i < 20; i++)
        {
            crowd.Add(new LineOptions { UpBytesPerSecond = 100_000, DownBytesPerSecond = 800_000 });
        }
        await crowd.RunAsync(Timeout);
        crowd.RequireTimes(median: 2, last: 2.5);
        crowd.RequireLittleWaste(WastedBlocks);
        crowd.RequireNoStarving(TimeSpan.FromSeconds(10));
    }

    /// <summary>Free-riders finish, but later than those that give.</summary>
    public static async Task FreeRiders(Simulator simulator)
    {
        // Chokers decide every ten seconds, so a download must last for many decisions.
        var crowd = await BuildAsync(simulator, seederUp: 200_000, contentBytes: 4 * ContentBytes);
        for (var i = 0; i < 20; i++)
        {
            crowd.Add(DrawLine(simulator), isFreeRider: i % 4 == 0);
        }
        await crowd.RunAsync(Timeout);
        crowd.RequireTimes(median: 2.5, last: 4);
        crowd.RequireFairness(1.05);
        crowd.RequireLittleWaste(WastedBlocks);
    }

    /// <summary>Most leechers are behind routers, and nobody can dial them.</summary>
    public static async Task BehindRouters(Simulator simulator)
    {
        var crowd = await BuildAsync(simulator);
        for (var i = 0; i < 20; i++)
        {
            crowd.Add(DrawLine(simulator) with { IsBehindNat = i % 10 < 7 });
        }
        await crowd.RunAsync(Timeout);
        crowd.RequireTimes(median: 2.5, last: 4);
        crowd.RequireLittleWaste(WastedBlocks);
        crowd.RequireNoStarving(TimeSpan.FromSeconds(30));
    }

    /// <summary>A third of the leechers leave in the middle and come back.</summary>
    public static async Task Churn(Simulator simulator)
    {
        var crowd = await BuildAsync(simulator);
        for (var i = 0; i < 20; i++)
        {
            var member = crowd.Add(DrawLine(simulator));
            if (i % 3 == 0)
            {
                _ = LeaveAndReturnAsync(simulator, member);
            }
        }
        await crowd.RunAsync(Timeout);
        crowd.RequireTimes(median: 3, last: 6);
        crowd.RequireLittleWaste(WastedBlocks);
    }

    /// <summary>A hundred leechers with all of this at once, and with long and lossy paths.</summary>
    public static async Task Hundred(Simulator simulator)
    {
        simulator.Internet.Links = simulator.Internet.Links with
        {
            LatencyMin = TimeSpan.FromMilliseconds(10),
            LatencyMax = TimeSpan.FromMilliseconds(150),
            StreamLoss = 0.005,
            DatagramLoss = 0.03,
        };
        var crowd = await BuildAsync(simulator, contentBytes: ContentBytes / 2);
        for (var i = 0; i < 100; i++)
        {
            var line = DrawLine(simulator) with { IsBehindNat = i % 5 < 2 };
            var member = crowd.Add(line, isFreeRider: i % 7 == 0);
            if (i % 8 == 0)
            {
                _ = LeaveAndReturnAsync(simulator, member);
            }
        }
        await crowd.RunAsync(Timeout);
        crowd.RequireTimes(median: 3, last: 6);
        crowd.RequireLittleWaste(WastedBlocks);
        crowd.RequireNoStarving(TimeSpan.FromSeconds(60));
    }

    private static async Task<Crowd> BuildAsync(
        Simulator simulator,
        double seederUp = SeederUp,
        int contentBytes = ContentBytes
    )
    {
        var content = SwarmContent.OneFile(simulator.Entropy, contentBytes);
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            content,
            seederLine: new LineOptions { UpBytesPerSecond = seederUp }
        );
        await testSwarm.SeedAsync(options => options with { MaxPeersPerTorrent = 2 * Crowd.MaxPeers });
        return new Crowd(testSwarm) { SeederUp = seederUp };
    }

    /// <summary>A line that is faster downwards, as most at home are.</summary>
    private static LineOptions DrawLine(Simulator simulator)
    {
        var up = 50_000 + (100_000 * simulator.Entropy.NextDouble());
        return new LineOptions { UpBytesPerSecond = up, DownBytesPerSecond = 6 * up };
    }

    private static async Task LeaveAndReturnAsync(Simulator simulator, CrowdMember member)
    {
        var some = ContentBytes / 2 * (0.1 + (0.7 * simulator.Entropy.NextDouble()));
        while (member.Client.Torrent is null || member.Client.Status.Done < some)
        {
            await simulator.WaitAsync(TimeSpan.FromMilliseconds(500));
        }
        await member.LeaveAsync();
        await simulator.WaitAsync(TimeSpan.FromSeconds(3 + simulator.Entropy.Next(15)));
        await member.ReturnAsync(simulator.Now);
    }
}
