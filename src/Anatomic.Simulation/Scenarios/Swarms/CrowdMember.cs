using Anatomic.Engine.Settings;
using Anatomic.Simulation.Networks;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>A leecher of a <see cref="Crowd"/>, and what was observed of it.</summary>
public sealed class CrowdMember(SwarmClient client, LineOptions line, bool isFreeRider)
{
    // The least that leaves room for requests and haves, which count as well.
    private const long LeastPerSecond = 5_000;
    private AddTorrent? download;
    private long done;
    private long uploadedBefore;

    public SwarmClient Client => client;
    public LineOptions Line => line;

    /// <summary>It downloads and gives next to nothing back.</summary>
    public bool IsFreeRider => isFreeRider;

    public TimeSpan Joined { get; private set; }

    /// <summary>When it had all data; null before.</summary>
    public TimeSpan? Finished { get; private set; }

    /// <summary>The longest time without a new piece while it was there.</summary>
    public TimeSpan LongestWait { get; private set; }

    /// <summary>Payload sent to others, in bytes.</summary>
    public long Uploaded => uploadedBefore + (client.Torrent is null ? 0 : client.Status.Uploaded);

    private TimeSpan LastPiece { get; set; }

    /// <summary>From joining to the last byte.</summary>
    public TimeSpan Took => Finished!.Value - Joined;

    public async Task JoinAsync(AddTorrent add, TimeSpan now)
    {
        await client.StartAsync(add, Configure);
        download = add;
        (Joined, LastPiece) = (now, now);
    }

    public async Task ReturnAsync(TimeSpan now)
    {
        await client.StartAsync(download!, Configure);
        LastPiece = now;
    }

    public async Task LeaveAsync()
    {
        uploadedBefore = Uploaded;
        await client.StopAsync();
    }

    /// <summary>Notes the progress since the last call.</summary>
    public void Observe(TimeSpan now)
    {
        if (Finished is not null || client.Torrent is null)
        {
            return;
        }
        if (client.Status.Done > done)
        {
            (done, LastPiece) = (client.Status.Done, now);
        }
        LongestWait = TimeSpan.FromTicks(Math.Max(LongestWait.Ticks, (now - LastPiece).Ticks));
        Finished = client.IsComplete ? now : null;
    }

    private SessionOptions Configure(SessionOptions options) =>
        options with
        {
            MaxPeersPerTorrent = Crowd.MaxPeers,
            MaxUploadBytesPerSecond = isFreeRider ? LeastPerSecond : 0,
        };
}
