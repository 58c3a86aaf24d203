using Anatomic.World;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>The content of a torrent: one file, or a folder whose file boundaries lie inside pieces.</summary>
/// <param name="Name">The name of the file or folder.</param>
/// <param name="Files">The files by path below the name: empty for a single file, else <c>/folder/file</c>.</param>
public sealed record SwarmContent(string Name, SortedDictionary<string, byte[]> Files)
{
    public const int PieceLength = 32 * 1024;

    public long Size => Files.Values.Sum(file => (long)file.Length);

    /// <summary>One file whose last piece and last block are short.</summary>
    public static SwarmContent OneFile(Entropy entropy, int bytes = 300_001) =>
        new("film.bin", new(StringComparer.Ordinal) { [""] = entropy.Bytes(bytes) });

    /// <summary>
    /// An empty file, files smaller than a block or a piece, one of exactly a piece, and larger ones.
    /// </summary>
    public static SwarmContent ManyFiles(Entropy entropy) =>
        new(
            "folder",
            new(StringComparer.Ordinal)
            {
                ["/a/empty"] = [],
                ["/a/tiny"] = entropy.Bytes(3),
                ["/b/small"] = entropy.Bytes(20_000),
                ["/b/piece"] = entropy.Bytes(PieceLength),
                ["/c/large"] = entropy.Bytes(150_007),
                ["/d/other"] = entropy.Bytes(70_000),
            }
        );

    public void PlaceOn(SimulatedHost host)
    {
        foreach (var (path, bytes) in Files)
        {
            host.Disk.Place($"{SwarmClient.Folder}/{Name}{path}", bytes);
        }
    }
}
