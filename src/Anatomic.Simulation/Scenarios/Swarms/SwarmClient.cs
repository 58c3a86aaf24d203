using Anatomic.Engine.Sessions;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>A client in a swarm, and what its files should be.</summary>
public sealed class SwarmClient(SimulatedHost host, SwarmContent content)
{
    public const string Folder = "/data";
    public const int Port = 6881;
    private Session? session;

    public SimulatedHost Host => host;
    public Torrent? Torrent { get; private set; }
    public TorrentStatus Status => Torrent!.Status;
    public bool IsComplete => Torrent is { Status.State: TorrentState.Seeding };

    /// <summary>Where others dial it.</summary>
    public Endpoint At => Endpoint.From(host.Addresses[0], Port);

    public async Task StartAsync(AddTorrent add, Func<SessionOptions, SessionOptions>? configure = null) =>
        Torrent = await host.RunAsync(async world =>
        {
            var any =
                host.Addresses[0].GetAddressBytes().Length == 4 ? Endpoint.FromV4(0, Port) : new Endpoint(0, 0, Port);
            var options = new SessionOptions { Listen = [any], AllowPrivate = true };
            session = await Session.StartAsync(world, configure?.Invoke(options) ?? options, CancellationToken.None);
            return await session.AddAsync(add, CancellationToken.None);
        });

    /// <summary>Ends as the program does when it is told to.</summary>
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

    /// <summary>Null, or which file is not as it should be.</summary>
    public string? WrongFile() =>
        Files()
            .FirstOrDefault(file =>
                host.Disk.Peek(file.Path) is not { } bytes || !bytes.AsSpan().SequenceEqual(file.Bytes)
            )
            is { Path: { } path }
            ? $"{host.Name}: {path} has {host.Disk.Peek(path)?.Length.ToString() ?? "no"} bytes and is wrong"
            : null;

    /// <summary>Null, or that more is claimed than is right on the disk.</summary>
    public string? Check()
    {
        if (Torrent is not { Metainfo.Info: { } info, Status: { State: not TorrentState.Checking } status })
        {
            return null;
        }
        var right = RightBytes(info);
        return status.Done > right ? $"{host.Name} claims {status.Done:N0} bytes of which {right:N0} are right" : null;
    }

    /// <summary>Bytes of whole pieces that are right on the disk now.</summary>
    public long RightBytes(TorrentInfo info)
    {
        var right = 0L;
        var files = Files()
            .ToDictionary(file => file.Path, file => (Is: host.Disk.Peek(file.Path) ?? [], Should: file.Bytes));
        for (var piece = 0; piece < info.PieceCount; piece++)
        {
            var begin = (long)piece * info.PieceLength;
            var end = begin + info.PieceSize(new PieceIndex(piece));
            var isRight = info.ContentFiles.All(file =>
            {
                var (isNow, should) = files[PathOf(file)];
                var from = (int)Math.Max(0, begin - file.Offset);
                var to = (int)Math.Min(file.Length, end - file.Offset);
                return to <= from
                    || (isNow.Length >= to && isNow.AsSpan(from..to).SequenceEqual(should.AsSpan(from..to)));
            });
            right += isRight ? info.PieceContentSize(new PieceIndex(piece)) : 0;
        }
        return right;
    }

    private IEnumerable<(string Path, byte[] Bytes)> Files() =>
        content.Files.Select(file => ($"{Folder}/{content.Name}{file.Key}", file.Value));

    private static string PathOf(TorrentFile file) => $"{Folder}/{file.Display}";
}
