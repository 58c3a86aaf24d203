using Anatomic.Simulation.Networks;
using Anatomic.Wire;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>
/// Many leechers with narrow lines and one seeder. It measures what users of a swarm care about: when they finish,
/// whether giving pays, and what is sent in vain.
/// </summary>
public sealed class Crowd(TestSwarm testSwarm)
{
    /// <summary>Peers of each client, far fewer than the crowd has.</summary>
    public const int MaxPeers = 30;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private readonly List<CrowdMember> members = [];

    public IReadOnlyList<CrowdMember> Members => members;

    /// <summary>How the members join; default: within ten seconds.</summary>
    public TimeSpan ArrivalTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The upload rate of the seeder, in bytes per second.</summary>
    public required double SeederUp { get; init; }

    private Simulator Simulator => testSwarm.Simulator;

    private double Size => testSwarm.Content.Size;

    /// <summary>
    /// The time in which no protocol could be faster: the seeder sends everything once, the slowest line receives
    /// everything, and all lines together carry every copy (Kumar and Ross, "Peer-assisted file distribution").
    /// </summary>
    public TimeSpan Optimum
    {
        get
        {
            var up = SeederUp + members.Where(one => !one.IsFreeRider).Sum(one => one.Line.UpBytesPerSecond!.Value);
            var slowest = members.Min(one => one.Line.DownBytesPerSecond!.Value);
            return TimeSpan.FromSeconds(Math.Max(Size / SeederUp, Math.Max(Size / slowest, members.Count * Size / up)));
        }
    }

    public CrowdMember Add(LineOptions line, bool isFreeRider = false)
    {
        var kind = isFreeRider ? "rider" : "leecher";
        var client = testSwarm.AddClient($"{kind}-{members.Count + 1}", line: line);
        var member = new CrowdMember(client, line, isFreeRider);
        members.Add(member);
        return member;
    }

    /// <summary>All join, and the run goes on until all have finished. Those that leave must join again.</summary>
    public async Task RunAsync(TimeSpan timeout)
    {
        var joining = Task.WhenAll(members.Select(JoinAsync).ToArray());
        var until = Simulator.Now + timeout;
        while (members.Any(one => one.Finished is null))
        {
            if (Simulator.Now > until)
            {
                var late = members.Where(one => one.Finished is null).ToList();
                throw ScenarioAssert.Failed(
                    $"{late.Count} of {members.Count} have not finished within {timeout.TotalSeconds:F0} s, the "
                        + $"optimum being {Optimum.TotalSeconds:F1} s; the first: {late[0].Client.Describe()}"
                );
            }
            await Simulator.WaitAsync(Step);
            foreach (var member in members)
            {
                member.Observe(Simulator.Now);
            }
        }
        await joining;
        foreach (var client in testSwarm.Clients)
        {
            ScenarioAssert.That(client.FindWrongFile() is null, client.FindWrongFile()!);
        }
    }

    /// <summary>The median and the last member need at most these multiples of <see cref="Optimum"/>.</summary>
    public void RequireTimes(double median, double last)
    {
        var times = members.Select(one => one.Took / Optimum).Order().ToList();
        var (middle, end) = (times[times.Count / 2], times[^1]);
        Simulator.Note($"optimum {Optimum.TotalSeconds:F1} s, median {middle:F2} times that, last {end:F2}");
        ScenarioAssert.That(middle <= median, $"the median member took {middle:F2} times the optimum");
        ScenarioAssert.That(end <= last, $"the last member took {end:F2} times the optimum");
    }

    /// <summary>Members that give finish before those that do not, by this factor in the median.</summary>
    public void RequireFairness(double factor)
    {
        var (give, take) = (MedianOf(isFreeRider: false), MedianOf(isFreeRider: true));
        Simulator.Note($"free-riders took {take / give:F2} times as long");
        ScenarioAssert.That(
            take >= factor * give,
            $"free-riders took {take.TotalSeconds:F1} s, the others {give.TotalSeconds:F1} s"
        );
    }

    /// <summary>
    /// At most so many blocks for each member were sent in vain. The endgame repeats the last blocks of a download,
    /// whatever its size: 24 blocks are 2 % of 20 MB.
    /// </summary>
    public void RequireLittleWaste(int blocksPerMember)
    {
        var sent = testSwarm.Seeder.Status.Uploaded + members.Sum(one => one.Uploaded);
        var waste = (sent - (members.Count * Size)) / PeerLimits.BlockBytes / members.Count;
        Simulator.Note($"{waste:F1} blocks for each member were sent in vain");
        ScenarioAssert.That(waste <= blocksPerMember, $"{waste:F1} blocks for each member were sent in vain");
    }

    /// <summary>No member waited longer for its next piece, while it was there.</summary>
    public void RequireNoStarving(TimeSpan most)
    {
        var longest = members.MaxBy(one => one.LongestWait)!;
        Simulator.Note($"the longest wait for a piece was {longest.LongestWait.TotalSeconds:F1} s");
        ScenarioAssert.That(
            longest.LongestWait <= most,
            $"{longest.Client.Host.Name} waited {longest.LongestWait.TotalSeconds:F1} s for a piece"
        );
    }

    private TimeSpan MedianOf(bool isFreeRider)
    {
        var times = members.Where(one => one.IsFreeRider == isFreeRider).Select(one => one.Took).Order().ToList();
        return times[times.Count / 2];
    }

    private async Task JoinAsync(CrowdMember member)
    {
        await Simulator.WaitAsync(ArrivalTime * Simulator.Entropy.NextDouble());
        await member.JoinAsync(testSwarm.Download, Simulator.Now);
    }
}
