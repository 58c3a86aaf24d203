using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Wire;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Cli.Torrents;

/// <summary>A torrent as it was named: by a file, a magnet link or a web address. Exactly one of the two is there.</summary>
/// <param name="Metainfo">The torrent file.</param>
/// <param name="Magnet">The link.</param>
internal sealed record TorrentSource(TorrentMetainfo? Metainfo, MagnetLink? Magnet)
{
    /// <summary>Longest .torrent file taken from a web address: beyond every real one, and soon over.</summary>
    private const int MaxFetchedBytes = 32 << 20;

    /// <summary>Browsers follow 20; torrent sites need one or two.</summary>
    private const int MaxRedirects = 5;

    private static readonly TimeSpan FetchDeadline = TimeSpan.FromSeconds(60);

    public string Name => Metainfo?.Info.Name ?? Magnet?.DisplayName ?? Magnet?.SwarmIds[0].ToString() ?? "";

    public Hash20? HashV1 => Metainfo is null ? Magnet?.HashV1 : Metainfo.Info.HashV1;

    public Hash32? HashV2 => Metainfo is null ? Magnet?.HashV2 : Metainfo.Info.HashV2;

    public static async Task<TorrentSource> ReadAsync(
        VerbContext context,
        IWorld world,
        string text,
        CancellationToken stop
    )
    {
        if (text.StartsWith("magnet:", StringComparison.OrdinalIgnoreCase))
        {
            return MagnetLink.TryParse(text, out var link, out var fault)
                ? new TorrentSource(null, link)
                : throw CliException.Input($"the magnet link cannot be used: {fault}");
        }
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return new TorrentSource(Understand(text, await FetchAsync(world, url, stop)), null);
        }
        return new TorrentSource(await ReadFileAsync(context, world, text, stop), null);
    }

    /// <summary>A .torrent file on disk.</summary>
    public static async Task<TorrentMetainfo> ReadFileAsync(
        VerbContext context,
        IWorld world,
        string text,
        CancellationToken stop
    ) => Understand(text, await ReadBytesAsync(context, world, text, stop));

    private static async Task<byte[]> ReadBytesAsync(
        VerbContext context,
        IWorld world,
        string text,
        CancellationToken stop
    )
    {
        var path = context.FullPath(text);
        var entry =
            world.Disk.Find(path)
            ?? throw CliException.Input($"{text} does not exist: name a .torrent file, a magnet link or a web address");
        if (entry.IsFolder)
        {
            throw CliException.Input($"{text} is a folder, not a .torrent file");
        }
        return await world.Disk.ReadAllAsync(path, MetainfoLimits.MaxBytes, stop);
    }

    private static TorrentMetainfo Understand(string name, ReadOnlyMemory<byte> bytes) =>
        TorrentMetainfo.TryRead(bytes, out var metainfo, out var fault)
            ? metainfo
            : throw CliException.Input($"{name} is not a usable torrent: {fault}");

    private static async Task<ReadOnlyMemory<byte>> FetchAsync(IWorld world, Uri url, CancellationToken stop)
    {
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            var ask = new OutboundRequest
            {
                Url = url,
                MaxResponseBytes = MaxFetchedBytes,
                Timeout = FetchDeadline,
            };
            var reply = (await world.Http.SendAsync(ask, stop)).Response;
            switch (reply.Status)
            {
                case 200:
                    return reply.Body;
                case 301
                or 302
                or 303
                or 307
                or 308
                    when reply.Headers.TryGetValue("location", out var location)
                        && Uri.TryCreate(url, location, out var next)
                        && next.Scheme is "http" or "https":
                    url = next;
                    break;
                default:
                    throw CliException.Input($"{url} answered with status {reply.Status} instead of a torrent");
            }
        }
        throw CliException.Input($"{url} leads on and on: more than {MaxRedirects} redirects");
    }
}
