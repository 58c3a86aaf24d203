using Anatomic.Engine.Creation;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Tests;

/// <summary>Data and torrents to test with.</summary>
internal static class Sample
{
    public const string Folder = "/data/set";

    /// <summary>Bytes that differ everywhere, the same in every run.</summary>
    public static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A folder with files shorter and longer than a piece, one that ends at a piece, and an empty one.</summary>
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
        TorrentMetainfo? made = null;
        MemoryWorld.Run(async () =>
            made = await TorrentCreator.CreateAsync(
                world,
                path,
                new CreateOptions { Format = format, PieceLength = 32_768 },
                null,
                CancellationToken.None
            )
        );
        return made!;
    }
}
