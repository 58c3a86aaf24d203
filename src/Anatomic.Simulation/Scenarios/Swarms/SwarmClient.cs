using System.Buffers.Binary;
using Anatomic.Engine.Sessions;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

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

    /// <summary>The running session.</summary>
    public Session Session => session!;

    public async Task StartAsync(AddTorrent add, Func<SessionOptions, SessionOptions>? configure = null) =>
        Torrent = await host.RunAsync(async world =>
        {
            session = await OpenAsync(world, configure);
            return await session.AddAsync(add, CancellationToken.None);
        });

    /// <summary>The scenario damaged the client's files, so what it counts as done may be wrong for a while.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>Starts a session that keeps its torrents, with the torrent that it kept.</summary>
    public async Task RestoreAsync() =>
        Torrent = await host.RunAsync(async world =>
        {
            session = await OpenAsync(world, options => options with { KeepTorrents = true });
            return session.Torrents.Single();
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
                + string.Concat(Torrent.Trackers.Select(tracker => $"\n    {tracker.Url} {tracker.Message}"))
                + string.Concat(Torrent.RecentDisconnects.Select(parting => $"\n    {parting}"));

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
        if (
            IsDamaged || Torrent is not { Metainfo.Info: { } info, Status: { State: not TorrentState.Checking } status }
        )
        {
            return null;
        }
        var correct = CorrectBytes(info);
        return status.Done > correct
            ? $"{host.Name} claims {status.Done:N0} bytes of which only {correct:N0} are correct"
            : null;
    }

    /// <summary>Bytes of complete pieces that are correct on the disk, in the files or in the part file.</summary>
    public long CorrectBytes(TorrentInfo info)
    {
        var correct = 0L;
        var files = info.ContentFiles.ToDictionary(
            file => file,
            file => (Actual: ActualOf(file), Expected: ExpectedOf(file))
        );
        var parts = host.Disk.Peek($"{Folder}/.{info.SwarmIds[0]}.parts") ?? [];
        for (var piece = 0; piece < info.PieceCount; piece++)
        {
            var begin = (long)piece * info.PieceLength;
            var end = begin + info.PieceSize(new PieceIndex(piece));
            var kept = PartOf(parts, info, piece);
            var isCorrect = info.ContentFiles.All(file =>
            {
                var (actual, expected) = files[file];
                var from = (int)Math.Max(0, begin - file.Offset);
                var to = (int)Math.Min(file.Length, end - file.Offset);
                if (to <= from)
                {
                    return true;
                }
                var wanted = expected.AsSpan(from..to);
                var at = (int)(file.Offset + from - begin);
                return actual.Length >= to && actual.AsSpan(from..to).SequenceEqual(wanted)
                    || kept.Length >= at + wanted.Length && kept.Span.Slice(at, wanted.Length).SequenceEqual(wanted);
            });
            correct += isCorrect ? info.PieceContentSize(new PieceIndex(piece)) : 0;
        }
        return correct;
    }

    /// <summary>The bytes of a piece in a part file; empty when it has none.</summary>
    private static ReadOnlyMemory<byte> PartOf(byte[] parts, TorrentInfo info, int piece)
    {
        const int HeaderBytes = 16;
        const int NameBytes = 8;
        for (var slot = 0; slot + HeaderBytes <= parts.Length; slot += HeaderBytes + info.PieceLength)
        {
            if (BinaryPrimitives.ReadInt32BigEndian(parts.AsSpan(slot + NameBytes)) == piece)
            {
                var begin = slot + HeaderBytes;
                return parts.AsMemory(begin, Math.Min(info.PieceLength, parts.Length - begin));
            }
        }
        return default;
    }

    /// <summary>Data that was there under the torrent's own names keeps them.</summary>
    private byte[] ActualOf(TorrentFile file) =>
        host.Disk.Peek($"{Folder}/{file.Display}")
        ?? host.Disk.Peek($"{Folder}/{string.Join('/', file.OriginalPath ?? file.Path)}")
        ?? [];

    private byte[] ExpectedOf(TorrentFile file) =>
        content.Files[string.Concat((file.OriginalPath ?? file.Path).Skip(1).Select(part => $"/{part}"))];

    private Task<Session> OpenAsync(IWorld world, Func<SessionOptions, SessionOptions>? configure)
    {
        var isV4 = host.Addresses[0].GetAddressBytes().Length == 4;
        var any = isV4 ? Endpoint.FromV4(0, Port) : new Endpoint(0, 0, Port);
        var options = new SessionOptions { Listen = [any], AllowPrivate = true };
        return Session.StartAsync(world, configure?.Invoke(options) ?? options, CancellationToken.None);
    }

    private IEnumerable<(string Path, byte[] Bytes)> Files() =>
        content.Files.Select(file => ($"{Folder}/{content.Name}{file.Key}", file.Value));
}
