using Anatomic.Engine.Sessions;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>A client in a swarm, and the content that its files must have.</summary>
public sealed class SwarmClient(SimulatedHost host, SwarmContent content)
{
    public const string Folder = "/data";
    public const int Port = 6881;
    private Session? session;

    public SimulatedHost Host => host;
    public Torrent? Torrent { get; private set; }
    public TorrentStatus Status => Torrent!.Status;
    public bool IsComplete => Torrent is { Status.State: TorrentState.Seeding };

    /// <summary>The address that peers connect to.</summary>
    public Endpoint Address => Endpoint.From(host.Addresses[0], Port);

    public async Task StartAsync(AddTorrent add, Func<SessionOptions, SessionOptions>? configure = null) =>
        Torrent = await host.RunAsync(async world =>
        {
            var any =
                host.Addresses[0].GetAddressBytes().Length == 4 ? Endpoint.FromV4(0, Port) : new Endpoint(0, 0, Port);
            var options = new SessionOptions { Listen = [any], AllowPrivate = true };
            session = await Session.StartAsync(world, configure?.Invoke(options) ?? options, CancellationToken.None);
            return await session.AddAsync(add, CancellationToken.None);
        });

    /// <summary>Stops the session in order, as the program does on SIGTERM.</summary>
    public async Task StopAsync()
    {
        await host.RunAsync(async _ => await session!.DisposeAsync());
        Torrent = null;
    }

    public void Crash()
    {
        Torrent = null;
        host.Crash();
    }

    public string Describe() =>
        Torrent is not { Status: { } status }
            ? $"{host.Name} is down"
            : $"{host.Name} {status.State} {status.Done:N0} of {status.Total:N0}, {status.Peers} peers {status.Fault}"
                + string.Concat(status.Trackers.Select(tracker => $"\n    {tracker.Url} {tracker.Message}"))
                + string.Concat(status.RecentDisconnects.Select(parting => $"\n    {parting}"));

    /// <summary>Null, or a message that names the first file with wrong content.</summary>
    public string? FindWrongFile() =>
        Files()
            .FirstOrDefault(file =>
                host.Disk.Peek(file.Path) is not { } bytes || !bytes.AsSpan().SequenceEqual(file.Bytes)
            )
            is { Path: { } path }
            ? $"{host.Name}: {path} has {host.Disk.Peek(path)?.Length.ToString() ?? "no"} bytes and wrong content"
            : null;

    /// <summary>Null, or a message when the client counts more bytes as done than are correct on its disk.</summary>
    public string? CheckProgress()
    {
        if (Torrent is not { Metainfo.Info: { } info, Status: { State: not TorrentState.Checking } status })
        {
            return null;
        }
        var correct = CorrectBytes(info);
        return status.Done > correct
            ? $"{host.Name} claims {status.Done:N0} bytes of which only {correct:N0} are correct"
            : null;
    }

    /// <summary>Bytes of complete pieces that are correct on the disk.</summary>
    public long CorrectBytes(TorrentInfo info)
    {
        var correct = 0L;
        var files = Files()
            .ToDictionary(file => file.Path, file => (Actual: host.Disk.Peek(file.Path) ?? [], Expected: file.Bytes));
        for (var piece = 0; piece < info.PieceCount; piece++)
        {
            var begin = (long)piece * info.PieceLength;
            var end = begin + info.PieceSize(new PieceIndex(piece));
            var isCorrect = info.ContentFiles.All(file =>
            {
                var (actual, expected) = files[PathOf(file)];
                var from = (int)Math.Max(0, begin - file.Offset);
                var to = (int)Math.Min(file.Length, end - file.Offset);
                return to <= from
                    || (actual.Length >= to && actual.AsSpan(from..to).SequenceEqual(expected.AsSpan(from..to)));
            });
            correct += isCorrect ? info.PieceContentSize(new PieceIndex(piece)) : 0;
        }
        return correct;
    }

    private IEnumerable<(string Path, byte[] Bytes)> Files() =>
        content.Files.Select(file => ($"{Folder}/{content.Name}{file.Key}", file.Value));

    private static string PathOf(TorrentFile file) => $"{Folder}/{file.Display}";
}
