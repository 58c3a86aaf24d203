using Anatomic.Engine.Sessions;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Hosting;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>A host on which a client downloads or seeds one file.</summary>
public sealed class ScenarioClient(SimulatedHost host, string network)
{
    private const int Port = 6881;
    private const string Folder = "/data";
    private byte[] content = [];

    public SimulatedHost Host => host;

    /// <summary>The torrent in the running session; null while there is none.</summary>
    public Torrent? Torrent { get; private set; }

    public string FilePath(TorrentMetainfo metainfo) => $"{Folder}/{metainfo.Info.Name}";

    /// <param name="metainfo">What is downloaded, or seeded when the file is there.</param>
    /// <param name="expected">What the file must be in the end.</param>
    public async Task StartAsync(TorrentMetainfo metainfo, byte[] expected)
    {
        content = expected;
        Torrent = await host.RunAsync(async world =>
        {
            var options = new SessionOptions { Listen = [Endpoint.FromV4(0, Port)], AllowPrivate = true };
            var session = await Session.StartAsync(world, options, CancellationToken.None);
            return await session.AddAsync(
                new AddTorrent
                {
                    Metainfo = metainfo,
                    Folder = Folder,
                    TrackerSource = ClientTorrents.CreateTrackerSource(world, network, metainfo, []),
                },
                CancellationToken.None
            );
        });
    }

    public void Crash()
    {
        Torrent = null;
        host.Crash();
    }

    public async Task RestartAsync(TorrentMetainfo metainfo)
    {
        host.Restart();
        await StartAsync(metainfo, content);
    }

    /// <summary>How it stands, for a failure's report.</summary>
    public string Describe() =>
        Torrent is not { Status: { } status }
            ? $"{host.Name} is down"
            : $"{host.Name} {status.State} {status.Done:N0} of {status.Total:N0}, {status.Peers} peers {status.Fault}"
                + string.Concat(status.Trackers.Select(tracker => $"\n    {tracker.Url} {tracker.Message}"));

    public bool IsComplete => Torrent is { Status.State: TorrentState.Seeding };

    /// <summary>Null, or which piece is claimed and wrong: what counts as done lies on the disk and is right.</summary>
    public string? Check()
    {
        if (Torrent is not { Metainfo: { } metainfo, Status: { State: not TorrentState.Checking } status })
        {
            return null;
        }
        var right = RightBytes(metainfo);
        return status.Done > right ? $"{host.Name} claims {status.Done:N0} bytes of which {right:N0} are right" : null;
    }

    /// <summary>Bytes of pieces that are right on the disk now.</summary>
    public long RightBytes(TorrentMetainfo metainfo)
    {
        var bytes = host.Disk.Peek(FilePath(metainfo)) ?? [];
        var right = 0L;
        for (var at = 0; at < content.Length; at += metainfo.Info.PieceLength)
        {
            var length = Math.Min(metainfo.Info.PieceLength, content.Length - at);
            if (bytes.Length >= at + length && bytes.AsSpan(at, length).SequenceEqual(content.AsSpan(at, length)))
            {
                right += length;
            }
        }
        return right;
    }
}
