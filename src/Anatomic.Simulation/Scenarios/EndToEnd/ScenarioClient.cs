using Anatomic.Engine.Sessions;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Hosting;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>A host that runs a client, which downloads or seeds one file.</summary>
public sealed class ScenarioClient(SimulatedHost host, string network)
{
    private const int Port = 6881;
    private const string Folder = "/data";
    private byte[] content = [];

    public SimulatedHost Host => host;

    /// <summary>The torrent in the running session; null from a crash to the next start.</summary>
    public Torrent? Torrent { get; private set; }

    public static string FilePath(TorrentMetainfo metainfo) => $"{Folder}/{metainfo.Info.Name}";

    /// <summary>
    /// Starts a session with the torrent. It seeds when the file is complete, and downloads otherwise.
    /// </summary>
    /// <param name="metainfo">The torrent.</param>
    /// <param name="expected">The bytes that the file must have at the end.</param>
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

    /// <summary>The client's state, for failure messages.</summary>
    public string Describe() =>
        Torrent is not { Status: { } status }
            ? $"{host.Name} is down"
            : $"{host.Name} {status.State} {status.Done:N0} of {status.Total:N0}, {status.Peers} peers {status.Fault}"
                + string.Concat(Torrent.Trackers.Select(tracker => $"\n    {tracker.Url} {tracker.Message}"));

    public bool IsComplete => Torrent is { Status.State: TorrentState.Seeding };

    /// <summary>Null, or a message when the client counts more bytes as done than are correct on its disk.</summary>
    public string? CheckProgress()
    {
        if (Torrent is not { Metainfo: { } metainfo, Status: { State: not TorrentState.Checking } status })
        {
            return null;
        }
        var correct = CorrectBytes(metainfo);
        return status.Done > correct
            ? $"{host.Name} claims {status.Done:N0} bytes of which only {correct:N0} are correct"
            : null;
    }

    /// <summary>Bytes of pieces that are correct on the disk.</summary>
    public long CorrectBytes(TorrentMetainfo metainfo)
    {
        var bytes = host.Disk.Peek(FilePath(metainfo)) ?? [];
        var correct = 0L;
        for (var at = 0; at < content.Length; at += metainfo.Info.PieceLength)
        {
            var length = Math.Min(metainfo.Info.PieceLength, content.Length - at);
            if (bytes.Length >= at + length && bytes.AsSpan(at, length).SequenceEqual(content.AsSpan(at, length)))
            {
                correct += length;
            }
        }
        return correct;
    }
}
