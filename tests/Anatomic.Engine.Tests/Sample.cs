using Anatomic.Engine.Creation;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Tests;

/// <summary>Sample data and torrents.</summary>
internal static class Sample
{
    public const string Folder = "/data/set";

    /// <summary>Random bytes, the same in every run.</summary>
    public static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>
    /// A world with files shorter and longer than a piece, one that ends at a piece boundary, an empty one and a link.
    /// </summary>
    public static MemoryWorld World()
    {
        var world = new MemoryWorld();
        world.Files[$"{Folder}/b.bin"] = Bytes(100_000, 1);
        world.Files[$"{Folder}/a.txt"] = Bytes(5, 2);
        world.Files[$"{Folder}/sub/whole"] = Bytes(2 * 32_768, 3);
        world.Files[$"{Folder}/sub/empty"] = [];
        world.Files.Put($"{Folder}/sub/run.sh", Bytes(40_000, 4), executable: true);
        world.Files.Put($"{Folder}/away", Bytes(10, 5), link: true);
        return world;
    }

    public static TorrentMetainfo Create(MemoryWorld world, TorrentFormat format, string path = Folder)
    {
        TorrentMetainfo? metainfo = null;
        MemoryWorld.Run(async () =>
            metainfo = await TorrentCreator.CreateAsync(
                world,
                path,
                new CreateOptions { Format = format, PieceLength = 32_768 },
                null,
                CancellationToken.None
            )
        );
        return metainfo!;
    }

    /// <summary>Opens the data whose own path is given, with the torrent's cleaned names.</summary>
    public static TorrentStorage Open(
        MemoryWorld world,
        TorrentMetainfo metainfo,
        string root,
        int maxOpenFiles = 64
    ) => new(world.Disk, metainfo.Info, LayoutOf(metainfo, root), maxOpenFiles);

    public static StorageLayout LayoutOf(TorrentMetainfo metainfo, string root) =>
        LayoutPlanner.Plan(metainfo.Info, new DataPlace(root, IsTorrent: true), metainfo.Info.Name, static _ => false);

    public static async Task<byte[]> ReadPieceAsync(TorrentStorage storage, PieceIndex piece)
    {
        var bytes = new byte[storage.Info.PieceSize(piece)];
        var begin = (long)piece.Value * storage.Info.PieceLength;
        (await storage.ReadAsync(begin, bytes, CancellationToken.None)).IsEmpty.ShouldBeTrue();
        return bytes;
    }
}
