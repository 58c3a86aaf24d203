using Anatomic.Engine.Peers;
using Anatomic.Engine.Trackers;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Tests.Trackers;

public class TorrentAnnouncerTests
{
    private readonly TrackerWorld world = new();
    private readonly TrackerService service;

    public TorrentAnnouncerTests() =>
        service = new TrackerService(world, new AnnounceIdentity(world, default), allowPrivate: true);

    [Fact]
    public void An_idle_torrent_with_one_tracker_takes_less_than_300_bytes()
    {
        const int Count = 20_000; // enough to drown what other tests hold meanwhile
        var torrent = new Torrent(world);
        IReadOnlyList<IReadOnlyList<string>> tiers =
        [
            ["udp://tracker.example/announce"],
        ];
        Hash20[] swarms = [default];
        var announcers = new TorrentAnnouncer[Count];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Count; i++)
        {
            announcers[i] = new TorrentAnnouncer(torrent, service, CancellationToken.None);
            announcers[i].Start(swarms, tiers);
        }
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        GC.KeepAlive(announcers);
        each.ShouldBeLessThan(300);
    }

    [Fact]
    public void A_torrent_without_trackers_is_never_due()
    {
        var announcer = new TorrentAnnouncer(new Torrent(world), service, CancellationToken.None);
        announcer.Start([default], []);
        announcer.NextDue.ShouldBeNull();
    }

    [Fact]
    public void A_torrent_that_waits_for_its_turn_is_not_due_and_gives_the_turn_back_when_it_stops()
    {
        using var stopping = new CancellationTokenSource();
        var torrent = new Torrent(world);
        var announcer = new TorrentAnnouncer(torrent, service, stopping.Token);
        announcer.Start(
            [default],
            [
                ["http://tracker.example/announce"],
            ]
        );
        announcer.NextDue.ShouldNotBeNull();
        announcer.Tick(world.Time);
        announcer.NextDue.ShouldBeNull();
        announcer.Statuses.Single().Announcing.ShouldBeTrue();
        stopping.Cancel();
        announcer.StopAsync().IsCompletedSuccessfully.ShouldBeTrue();
        world.Drain();
        announcer.Statuses.Single().Announcing.ShouldBeFalse();
        world.Asked.ShouldBeEmpty();
    }

    [Fact]
    public void A_failure_to_resolve_is_shown_and_the_next_tracker_is_tried()
    {
        var torrent = new Torrent(world);
        var announcer = new TorrentAnnouncer(torrent, service, CancellationToken.None);
        announcer.Start(
            [default],
            [
                ["http://one.example/announce"],
                ["ftp://two.example/"],
            ]
        );
        world.Answer.SetException(new NetworkException("no such name"));
        announcer.Tick(world.Time);
        world.Drain();
        announcer
            .Statuses.Select(status => status.Message)
            .ShouldBe(["no such name", "the announce URL is not an http, https or udp URL"]);
        torrent.Ended.ShouldBe(2);
        announcer.NextDue.ShouldBe(world.Time + EngineLimits.TrackerBackOff);
    }

    [Fact]
    public void A_hybrid_torrent_does_not_ask_a_tracker_that_just_failed_for_its_second_swarm()
    {
        var announcer = new TorrentAnnouncer(new Torrent(world), service, CancellationToken.None);
        announcer.Start(
            [
                default,
                new Hash20(
                    new byte[19]
                        .Append((byte)1)
                        .ToArray()
                ),
            ],
            [
                ["http://one.example/announce"],
            ]
        );
        world.Answer.SetException(new NetworkException("no such name"));
        announcer.Tick(world.Time);
        world.Drain();
        world.Asked.Count.ShouldBe(1);
        announcer.Statuses.Count.ShouldBe(2);
        announcer.Statuses.ShouldAllBe(status => status.Message == "no such name" && status.LastAsked == world.Time);
    }

    private sealed class Torrent(ILoop loop) : IAnnouncingTorrent
    {
        public int Ended { get; private set; }
        public AnnounceTotals AnnounceTotals => new(0, 0, 1, IsPartialSeed: false);
        public ITrackerSource? TrackerSource => null;
        public PeerSourceGate Gate { get; } = new();
        public ILoop Loop => loop;

        public void PeersFound(IReadOnlyList<Endpoint> peers, Hash20 swarm, PeerSource source) { }

        public void AnnounceEnded() => Ended++;
    }
}
