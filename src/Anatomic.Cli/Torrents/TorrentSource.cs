using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Wire;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Cli.Torrents;

/// <summary>A torrent from a file, a magnet link or a web address; exactly one of the two properties is set.</summary>
/// <param name="Metainfo">The content of the torrent file.</param>
/// <param name="Magnet">The magnet link.</param>
internal sealed record TorrentSource(TorrentMetainfo? Metainfo, MagnetLink? Magnet)
{
    public string Name => Metainfo?.Info.Name ?? Magnet?.DisplayName ?? Magnet?.SwarmIds[0].ToString() ?? "";

    public Hash20? HashV1 => Metainfo is null ? Magnet?.HashV1 : Metainfo.Info.HashV1;

    public Hash32? HashV2 => Metainfo is null ? Magnet?.HashV2 : Metainfo.Info.HashV2;

    /// <summary>Reads a torrent from a path, a magnet link or a web address.</summary>
    /// <exception cref="CliException">It does not exist, cannot be downloaded or is invalid.</exception>
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
                : throw CliException.InvalidInput($"invalid magnet link: {fault}");
        }
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return new TorrentSource(Parse(text, await DownloadAsync(world, url, stop)), null);
        }
        return new TorrentSource(await ReadFileAsync(context, world, text, stop), null);
    }

    /// <summary>Reads a .torrent file from disk.</summary>
    public static async Task<TorrentMetainfo> ReadFileAsync(
        VerbContext context,
        IWorld world,
        string text,
        CancellationToken stop
    ) => Parse(text, await ReadBytesAsync(context, world, text, stop));

    private static async Task<byte[]> ReadBytesAsync(
        VerbContext context,
        IWorld world,
        string text,
        CancellationToken stop
    )
    {
        var path = context.FullPath(text);
        var entry =
            await world.Disk.FindAsync(path, stop)
            ?? throw CliException.InvalidInput(
                $"{text} does not exist: give a .torrent file, a magnet link or a web address"
            );
        if (entry.IsFolder)
        {
            throw CliException.InvalidInput($"{text} is a folder, not a .torrent file");
        }
        return await world.Disk.ReadAllAsync(path, MetainfoLimits.MaxBytes, stop);
    }

    private static TorrentMetainfo Parse(string name, ReadOnlyMemory<byte> bytes)
    {
        // A torrent file is a bencoded dictionary (BEP 3); anything else deserves a plainer message than its first
        // fault.
        if (bytes.Span is not [(byte)'d', ..])
        {
            throw CliException.InvalidInput($"{name} is not a .torrent file");
        }
        return TorrentMetainfo.TryRead(bytes, out var metainfo, out var fault)
            ? metainfo
            : throw CliException.InvalidInput($"{name} is not a valid torrent: {fault}");
    }

    private static async Task<ReadOnlyMemory<byte>> DownloadAsync(IWorld world, Uri url, CancellationToken stop)
    {
        for (var redirects = 0; redirects <= CliLimits.MaxRedirects; redirects++)
        {
            var request = new OutboundRequest
            {
                Url = url,
                MaxResponseBytes = CliLimits.MaxDownloadedTorrentBytes,
                Timeout = CliLimits.DownloadTimeout,
            };
            var response = (await world.Http.SendAsync(request, stop)).Response;
            switch (response.Status)
            {
                case 200:
                    return response.Body;
                case 301
                or 302
                or 303
                or 307
                or 308
                    when response.Headers.TryGetValue("location", out var location)
                        && Uri.TryCreate(url, location, out var next)
                        && next.Scheme is "http" or "https":
                    url = next;
                    break;
                default:
                    throw CliException.InvalidInput($"{url} returned status {response.Status} instead of a torrent");
            }
        }
        throw CliException.InvalidInput($"{url} redirects more than {CliLimits.MaxRedirects} times");
    }
}
