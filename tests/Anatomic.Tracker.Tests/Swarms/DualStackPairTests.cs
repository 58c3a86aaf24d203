using Anatomic.Tracker.Policy;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Swarms;

/// <summary>A client that announces over IPv4 and IPv6 with the same key is counted once.</summary>
public class DualStackPairTests
{
    private static readonly TimeSpan Tick = new TrackerOptions().PeerTimeout / 64;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_dual_stack_client_counts_once_in_either_order(bool v4First)
    {
        var tracker = new TestTracker();
        var (first, second) = v4First ? (V4(1), V6(1)) : (V6(1), V4(1));
        tracker.Announce(first, key: 7);
        var reply = tracker.Announce(second, key: 7);
        (reply.Complete, reply.Incomplete).ShouldBe((0, 1));
        // Both addresses are in replies, and both are reported to partners.
        tracker.Announce(V4(2), key: 8).Peers.Count.ShouldBe(2);
        var changes = new SwarmChange[9];
        tracker.Service.DrainChanges(changes).ShouldBe(3);
        tracker.Service.Snapshot(Swarm, new SwarmPeer[9]).ShouldBe(3);
        tracker.Service.Totals(Swarm).ShouldBe(new SwarmTotals(0, 2));
    }

    [Fact]
    public void A_different_key_or_port_or_no_key_is_a_different_client()
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
    public void The_key_pairs_HTTP_and_UDP_announces()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1), key: 0xDEADBEEF);
        tracker.SendAnnounce(V6(1), tracker.Connect(V6(1)), Request() with { Key = 0xDEADBEEF });
        tracker.Scrape().Incomplete.ShouldBe(1);
    }

    [Fact]
    public void A_paused_dual_stack_client_counts_once()
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
    public void Counts_match_a_simple_model(int clients, int steps, bool timePasses)
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

    /// <summary>The stored entries with their last tick, and the clients whose IPv6 entry is paired.</summary>
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
