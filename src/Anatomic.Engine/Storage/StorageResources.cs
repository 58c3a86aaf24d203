using Anatomic.World;

namespace Anatomic.Engine.Storage;

/// <summary>
/// What the torrents of one loop share to reach their data: open files, the read cache and the queue of checks. A
/// session has one for each of its loops, and divides its limits among them.
/// </summary>
/// <param name="disk">The disk.</param>
/// <param name="maxOpenFiles">Files kept open, at least 1.</param>
/// <param name="cacheBytes">Memory of the read cache, in bytes.</param>
internal sealed class StorageResources(IDisk disk, int maxOpenFiles, long cacheBytes)
{
    public IDisk Disk => disk;

    public FilePool Files { get; } = new(disk, maxOpenFiles);

    public ReadCache Cache { get; } = new((int)Math.Max(2, cacheBytes / EngineLimits.ReadExtentBytes));

    /// <summary>One check keeps all workers and the disk busy, so that a second one would only slow it down.</summary>
    public CheckQueue Checks { get; } = new(maxChecks: 1);

    /// <summary>Divides a session's limits among its loops.</summary>
    public static StorageResources[] Divide(IDisk disk, int loops, int maxOpenFiles, long cacheBytes)
    {
        var resources = new StorageResources[loops];
        for (var i = 0; i < loops; i++)
        {
            resources[i] = new StorageResources(disk, Math.Max(1, maxOpenFiles / loops), cacheBytes / loops);
        }
        return resources;
    }
}
