using Anatomic.Simulation.Scheduling;
using Anatomic.World;

namespace Anatomic.Simulation.Disks;

/// <summary>
/// A host's disk, which survives crashes. A scenario can fill, wipe or corrupt it, or make it read-only.
/// </summary>
public sealed class HostDisk
{
    private readonly SortedDictionary<string, FileContent> files = new(StringComparer.Ordinal);
    private readonly SortedSet<string> folders = new(StringComparer.Ordinal) { "/" };
    private readonly SortedDictionary<string, FileContent> unmounted = new(StringComparer.Ordinal);

    internal HostDisk() { }

    /// <summary>Capacity in bytes; at the limit, writes and store commits fail. Default: no limit.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>Writes and commits fail, as without permission. Default: false.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>How many times longer than usual each operation takes. Default: 1.</summary>
    public double Slowness { get; set; } = 1;

    public long UsedBytes => files.Values.Sum(file => file.AllocatedBytes);

    public bool IsFull => UsedBytes >= CapacityBytes;

    /// <summary>The paths of all files, sorted.</summary>
    public IReadOnlyCollection<string> Files => files.Keys;

    /// <summary>A copy of a file's bytes, or null when it does not exist. No time passes; for assertions.</summary>
    public byte[]? Peek(string path)
    {
        if (!files.TryGetValue(Normalize(path), out var file))
        {
            return null;
        }
        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        return bytes;
    }

    /// <summary>Writes a file durably. No time passes; for the scenario's setup.</summary>
    public void Place(string path, byte[] bytes)
    {
        var file = GetOrCreate(Normalize(path), SimulatedClock.Beginning);
        file.SetLength(0, SimulatedClock.Beginning);
        file.Write(0, bytes, SimulatedClock.Beginning);
        file.Flush();
    }

    /// <summary>Deletes a file while the host's programs are not looking.</summary>
    public void Remove(string path) => files.Remove(Normalize(path));

    /// <summary>Corrupts one bit silently.</summary>
    public void FlipBit(string path, long offset) => Get(Normalize(path)).FlipBit(offset);

    /// <summary>Deletes a file, as another program would. Who has it open goes on with it, as on Unix.</summary>
    public void TakeAway(string path) => files.Remove(Normalize(path));

    /// <summary>
    /// Takes a volume away: the folder is empty until <see cref="Mount"/>, and its open files fail.
    /// </summary>
    public void Unmount(string folder)
    {
        foreach (var path in PathsBelow(Normalize(folder)))
        {
            files.Remove(path, out var file);
            file!.IsUnmounted = true;
            unmounted[path] = file;
        }
    }

    /// <summary>Brings the volumes back, in front of what was written to their folders meanwhile.</summary>
    public void Mount()
    {
        foreach (var (path, file) in unmounted)
        {
            file.IsUnmounted = false;
            CreateFolders(Parent(path));
            files[path] = file;
        }
        unmounted.Clear();
    }

    /// <summary>Replaces the disk by an empty one.</summary>
    public void Wipe()
    {
        files.Clear();
        folders.Clear();
        folders.Add("/");
    }

    internal void Crash(SeededEntropy entropy)
    {
        foreach (var file in files.Values)
        {
            file.Crash(entropy);
        }
    }

    internal static string Normalize(string path)
    {
        var clean = path.Replace('\\', '/');
        return clean.Length > 1 ? clean.TrimEnd('/') : clean;
    }

    internal FileContent Get(string path) =>
        files.GetValueOrDefault(path)
        ?? throw new DiskException(DiskFault.NotFound, $"there is no file {path}: check the path");

    internal FileContent Create(string path, DateTimeOffset now) =>
        files.ContainsKey(path) || folders.Contains(path)
            ? throw new DiskException(DiskFault.Exists, $"{path} exists already")
            : GetOrCreate(path, now);

    internal FileContent GetOrCreate(string path, DateTimeOffset now)
    {
        if (folders.Contains(path))
        {
            throw new DiskException(DiskFault.Other, $"{path} is a folder: choose another name");
        }
        if (!files.TryGetValue(path, out var file))
        {
            if (FileAbove(path) is { } above)
            {
                throw new DiskException(DiskFault.Other, $"{above} is a file, not a folder");
            }
            CreateFolders(Parent(path));
            file = files[path] = new FileContent(now);
        }
        return file;
    }

    internal void CreateFolders(string path)
    {
        for (var folder = path; folders.Add(folder); folder = Parent(folder)) { }
    }

    internal void Rename(string from, string to)
    {
        if (!folders.Contains(from))
        {
            var file = Get(from);
            files.Remove(from);
            CreateFolders(Parent(to));
            files[to] = file;
            return;
        }
        foreach (var path in PathsBelow(from))
        {
            files.Remove(path, out var inside);
            var moved = to + path[from.Length..];
            CreateFolders(Parent(moved));
            files[moved] = inside!;
        }
        folders.RemoveWhere(folder => folder == from || folder.StartsWith(from + "/", StringComparison.Ordinal));
        CreateFolders(to);
    }

    internal void Delete(string path)
    {
        if (files.Remove(path) || !folders.Contains(path))
        {
            return;
        }
        if (List(path).Count > 0)
        {
            throw new DiskException(DiskFault.Other, $"{path} is not empty");
        }
        folders.Remove(path);
    }

    internal DiskEntry? Find(string path) =>
        files.TryGetValue(path, out var file)
            ? new DiskEntry(path, IsFolder: false, file.Length, file.Modified, IsLink: false, file.IsExecutable)
        : folders.Contains(path) ? new DiskEntry(path, IsFolder: true, 0, SimulatedClock.Beginning)
        : null;

    internal IReadOnlyList<DiskEntry> List(string folder) =>
        [
            .. files
                .Keys.Concat(folders)
                .Where(path => path != "/" && string.Equals(Parent(path), folder, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(path => Find(path)!),
        ];

    internal void ThrowIfReadOnly(string path)
    {
        if (IsReadOnly)
        {
            throw new DiskException(
                DiskFault.NotAllowed,
                $"{path} cannot be written: the disk is read-only; choose another folder"
            );
        }
    }

    internal void ThrowIfNoSpace(string path, FileContent file, long offset, int count)
    {
        ThrowIfReadOnly(path);
        if (file.BytesToAllocate(offset, count) is > 0 and var needed && UsedBytes + needed > CapacityBytes)
        {
            throw new DiskException(
                DiskFault.Full,
                $"the disk is full: {path} needs {count:N0} more bytes; free some space"
            );
        }
    }

    private string? FileAbove(string path)
    {
        for (var at = Parent(path); at != "/"; at = Parent(at))
        {
            if (files.ContainsKey(at))
            {
                return at;
            }
        }
        return null;
    }

    private string[] PathsBelow(string folder) =>
        [.. files.Keys.Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal))];

    private static string Parent(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";
}
