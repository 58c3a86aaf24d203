using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>Announces a torrent to its trackers, with one <see cref="SwarmAnnouncer"/> per info-hash.</summary>
internal sealed class TorrentAnnouncer(AnnounceContext context)
{
    private readonly List<SwarmAnnouncer> announcers = [];
    private readonly Entropy entropy = context.World.Entropy.Fork("announcing");
    private readonly TrackerClient client = new(
        context.World,
        context.AllowPrivate,
        context.World.Entropy.Fork("trackers")
    );

    public IReadOnlyList<TrackerStatus> Statuses => [.. announcers.SelectMany(announcer => announcer.Statuses)];

    /// <summary>Starts to announce the swarms that are not announced yet.</summary>
    public void Start(IEnumerable<Hash20> swarms)
    {
        var key = (uint)entropy.NextUInt64();
        foreach (var swarm in swarms)
        {
            if (announcers.TrueForAll(announcer => announcer.Swarm != swarm))
            {
                var trackers = new TrackerList(context.Tiers, entropy);
                announcers.Add(new SwarmAnnouncer(context, swarm, trackers, client, key));
            }
        }
    }

    public void Tick(DateTimeOffset now) => announcers.ForEach(announcer => announcer.Tick(now));

    /// <inheritdoc cref="SwarmAnnouncer.Completed"/>
    public void Completed(DateTimeOffset now) => announcers.ForEach(announcer => announcer.Completed(now));

    /// <inheritdoc cref="SwarmAnnouncer.AnnounceSoon"/>
    public void AnnounceSoon(DateTimeOffset now) => announcers.ForEach(announcer => announcer.AnnounceSoon(now));

    /// <summary>
    /// Sends <c>stopped</c> to the trackers, within <see cref="EngineLimits.StoppedAnnounceTimeout"/>.
    /// </summary>
    public async Task StopAsync()
    {
        using var timer = new CancellationTokenSource(EngineLimits.StoppedAnnounceTimeout, context.World.Clock);
        await Task.WhenAll(announcers.Select(announcer => announcer.StopAsync(timer.Token)));
    }
}
