using Anatomic.Engine.Trackers;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>The announcers of one torrent: one for each of its ids.</summary>
internal sealed class TorrentAnnouncer(
    TorrentContext torrent,
    Func<AnnounceTotals> figures,
    Action<Endpoint, Hash20> found
)
{
    private readonly List<SwarmAnnouncer> announcers = [];
    private readonly Entropy entropy = torrent.World.Entropy.Fork("announcing");
    private readonly TrackerClient client = new(
        torrent.World,
        torrent.Share.Options.AllowPrivate,
        torrent.World.Entropy.Fork("trackers")
    );

    public IReadOnlyList<TrackerStatus> Statuses => [.. announcers.SelectMany(announcer => announcer.Statuses)];

    /// <summary>Begins with the ids that are known by now.</summary>
    public void Begin()
    {
        var key = (uint)entropy.NextUInt64();
        foreach (var swarm in torrent.Swarms)
        {
            if (announcers.TrueForAll(announcer => announcer.Swarm != swarm))
            {
                var plan = new TrackerList(Tiers(), entropy);
                announcers.Add(
                    new SwarmAnnouncer(torrent, swarm, plan, client, key)
                    {
                        Figures = figures,
                        Found = peers =>
                        {
                            foreach (var peer in peers.Take(EngineLimits.MaxAnnouncedPeers))
                            {
                                found(peer, swarm);
                            }
                        },
                    }
                );
            }
        }
    }

    public void Tick(DateTimeOffset now) => announcers.ForEach(announcer => announcer.Tick(now));

    public void Completed(DateTimeOffset now) => announcers.ForEach(announcer => announcer.Completed(now));

    public void Hurry(DateTimeOffset now) => announcers.ForEach(announcer => announcer.Hurry(now));

    public async Task StopAsync()
    {
        using var timer = new CancellationTokenSource(EngineLimits.StoppedAnnounceTimeout, torrent.World.Clock);
        await Task.WhenAll(announcers.Select(announcer => announcer.StopAsync(timer.Token)));
    }

    private IReadOnlyList<IReadOnlyList<string>> Tiers()
    {
        var tiers = new List<IReadOnlyList<string>>(torrent.Add.Metainfo?.AnnounceTiers ?? []);
        tiers.AddRange((torrent.Add.Magnet?.Trackers ?? []).Select(url => new[] { url }));
        tiers.AddRange(torrent.Add.Trackers.Select(url => new[] { url }));
        return tiers;
    }
}
