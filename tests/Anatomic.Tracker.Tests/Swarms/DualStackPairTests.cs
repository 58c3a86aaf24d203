using Anatomic.Tracker.Policy;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Swarms;

/// <summary>A client that announces over IPv4 and IPv6 with the same key is one participant.</summary>
public class DualStackPairTests
{
    private static readonly TimeSpan Tick = new TrackerOptions().PeerTimeout / 64;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whichever_comes_first_the_two_count_once(bool v4First)
    {
        var tracker = new TestTracker();
        var (first, second) = v4First ? (V4(1), V6(1)) : (V6(1), V4(1));
        tracker.Announce(first, key: 7);
        var reply = tracker.Announce(second, key: 7);
        (reply.Complete, reply.Incomplete).ShouldBe((0, 1));
        // Both addresses are told to others, by ourselves and by partners.
        tracker.Announce(V4(2), key: 8).Peers.Count.ShouldBe(2);
        var changes = new SwarmChange[9];
        tracker.Service.DrainChanges(changes).ShouldBe(3);
        tracker.Service.Snapshot(Swarm, new SwarmPeer[9]).ShouldBe(3);
        tracker.Service.Totals(Swarm).ShouldBe(new SwarmTotals(0, 2));
    }

    [Fact]
    public void Another_key_or_port_or_none_is_another_client()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1), key: 7);
        tracker.Announce(V6(1), key: 8);
        tracker.Announce(V6(2, 6882), key: 7);
        tracker.Announce(V6(3));
        tracker.Announce(V4(4));
        tracker.Scrape().Incomplete.ShouldBe(5);
    }

    [Fact]
    public void UDP_has_the_same_key()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1), key: 0xDEADBEEF);
        tracker.SendAnnounce(V6(1), tracker.Connect(V6(1)), Request() with { Key = 0xDEADBEEF });
        tracker.Scrape().Incomplete.ShouldBe(1);
    }

    [Fact]
    public void A_paused_client_counts_once_as_well()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1), key: 7, reason: AnnounceEvent.Paused);
        tracker.Announce(V6(1), key: 7, reason: AnnounceEvent.Paused);
        tracker.Announce(V6(2), key: 8);
        tracker.ScrapeHttp().ShouldBe(new ScrapeCounts(0, 0, 2) { Downloaders = 1 });
        tracker.Announce(V4(1), key: 7, reason: AnnounceEvent.Stopped);
        tracker.ScrapeHttp().ShouldBe(new ScrapeCounts(0, 0, 2) { Downloaders = 1 });
    }

    [Theory]
    [InlineData(6, 2500, true)]
    [InlineData(20, 2500, true)]
    [InlineData(60, 2500, true)]
    [InlineData(400, 5000, false)]
    public void The_counts_are_those_of_a_naive_model(int clients, int steps, bool timePasses)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var random = new Random(seed);
            var tracker = new TestTracker();
            var model = new Model();
            for (var step = 0; step < steps; step++)
            {
                if (timePasses && random.Next(12) == 0)
                {
                    tracker.Clock.Advance(Tick * random.Next(20));
                    model.Pass(
                        (int)(tracker.Clock.GetUtcNow().ToUnixTimeMilliseconds() / (long)Tick.TotalMilliseconds)
                    );
                }
                Step(tracker, model, random, clients);
                var counts = tracker.Scrape();
                (counts.Complete, counts.Incomplete).ShouldBe(model.Counts(), $"seed {seed}, step {step}");
            }
        }
    }

    private static void Step(TestTracker tracker, Model model, Random random, int clients)
    {
        var client = random.Next(1, clients);
        var isV4 = random.Next(2) == 0;
        // Every fifth client sends no key.
        var key = client % 5 == 0 ? 0u : (uint)client;
        var peer = isV4 ? V4(client) : V6(client);
        if (random.Next(4) == 0)
        {
            tracker.Announce(peer, reason: AnnounceEvent.Stopped, key: key);
            model.Stop(client, isV4);
        }
        else
        {
            var isSeed = random.Next(2) == 0;
            tracker.Announce(peer, isSeed, wanted: 0, key: key);
            model.Announce(client, isV4, isSeed, key != 0);
        }
    }

    /// <summary>Who is there, since which tick, and which IPv6 entries know that their twin is there.</summary>
    private sealed class Model
    {
        private readonly Dictionary<(int Client, bool IsV4), (int Tick, bool IsSeed)> peers = [];
        private readonly HashSet<int> paired = [];
        private readonly List<int> recent = [];
        private int now;

        public void Pass(int tick)
        {
            now = tick;
            foreach (var (peer, _) in peers.Where(entry => now - entry.Value.Tick >= 64).ToList())
            {
                peers.Remove(peer);
                paired.Remove(peer.Client);
            }
        }

        public void Announce(int client, bool isV4, bool isSeed, bool hasKey)
        {
            peers[(client, isV4)] = (now, isSeed);
            if (hasKey && isV4)
            {
                recent.Add(client);
            }
            var isMet = isV4 ? peers.ContainsKey((client, false)) : recent.TakeLast(64).Contains(client);
            if (hasKey && isMet && peers.ContainsKey((client, true)))
            {
                paired.Add(client);
            }
        }

        public void Stop(int client, bool isV4)
        {
            if (peers.Remove((client, isV4)))
            {
                paired.Remove(client);
                for (var i = 0; i < recent.Count && isV4; i++)
                {
                    recent[i] = recent[i] == client ? -1 : recent[i];
                }
            }
        }

        public (int Seeds, int Leechers) Counts()
        {
            var counted = peers.Where(entry => entry.Key.IsV4 || !paired.Contains(entry.Key.Client)).ToList();
            return (counted.Count(entry => entry.Value.IsSeed), counted.Count(entry => !entry.Value.IsSeed));
        }
    }
}
