using Anatomic.Simulation.Scheduling;
using Anatomic.World;

namespace Anatomic.Simulation.Disks;

/// <summary>The disk of a host; it outlives crashes. A scenario makes it full, read-only, empty or wrong.</summary>
public sealed class HostDisk
{
    private readonly SortedDictionary<string, FileContent> files = new(StringComparer.Ordinal);
    private readonly SortedSet<string> folders = new(StringComparer.Ordinal) { "/" };

    internal HostDisk() { }

    /// <summary>Room for file contents, in bytes. Default: no bound. A write beyond it fails, and so does a store's commit.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>Writes and commits fail as without permission. Default: no.</summary>
    public bool IsReadOnly { get; set; }

    public long UsedBytes => files.Values.Sum(body => body.AllocatedBytes);

    public bool IsFull => UsedBytes >= CapacityBytes;

    /// <summary>All files, by path.</summary>
    public IReadOnlyCollection<string> Files => files.Keys;

    /// <summary>A file's bytes now, without time passing; null when there is none. For checkers.</summary>
    public byte[]? Peek(string path)
    {
        if (!files.TryGetValue(Clean(path), out var body))
        {
            return null;
        }
        var bytes = new byte[body.Length];
        body.Read(0, bytes);
        return bytes;
    }

    /// <summary>Puts a durable file there, without time passing.</summary>
    public void Place(string path, byte[] bytes)
    {
        var body = Make(Clean(path), SimulatedClock.Beginning);
        body.SetLength(0, SimulatedClock.Beginning);
        body.Write(0, bytes, SimulatedClock.Beginning);
        body.Flush();
    }

    /// <summary>Silent corruption of one bit.</summary>
    public void FlipBit(string path, long offset) => Get(Clean(path)).FlipBit(offset);

    /// <summary>A new, empty disk in the place of the old one.</summary>
    public void Wipe()
    {
        files.Clear();
        folders.Clear();
        folders.Add("/");
    }

    internal void Crash(SeededEntropy entropy)
    {
        foreach (var body in files.Values)
        {
            body.Crash(entropy);
        }
    }

    internal static string Clean(string path)
    {
        var clean = path.Replace('\\', '/');
        return clean.Length > 1 ? clean.TrimEnd('/') : clean;
    }

    internal FileContent Get(string path) =>
        files.GetValueOrDefault(path)
        ?? throw new DiskException(DiskFault.NotFound, $"there is no file {path}: check the path");

    internal FileContent Make(string path, DateTimeOffset now)
    {
        if (folders.Contains(path))
        {
            throw new DiskException(DiskFault.Other, $"{path} is a folder: choose another name");
        }
        if (!files.TryGetValue(path, out var body))
        {
            CreateFolders(Parent(path));
            body = files[path] = new FileContent(now);
        }
        return body;
    }

    internal void CreateFolders(string path)
    {
        for (var folder = path; folders.Add(folder); folder = Parent(folder)) { }
    }

    internal void Rename(string from, string to)
    {
        var body = Get(from);
        files.Remove(from);
        CreateFolders(Parent(to));
        files[to] = body;
    }

    internal void Delete(string path)
    {
        files.Remove(path);
        if (!files.Keys.Any(file => file.StartsWith(path + "/", StringComparison.Ordinal)))
        {
            folders.Remove(path);
        }
    }

    internal DiskEntry? Find(string path) =>
        files.TryGetValue(path, out var body)
            ? new DiskEntry(path, IsFolder: false, body.Length, body.Modified, IsLink: false, body.IsExecutable)
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
                $"{path} may not be written: the disk is read-only; choose another folder"
            );
        }
    }

    internal void ThrowIfNoSpace(string path, FileContent body, long offset, int count)
    {
        ThrowIfReadOnly(path);
        if (body.BytesToAllocate(offset, count) is > 0 and var more && UsedBytes + more > CapacityBytes)
        {
            throw new DiskException(
                DiskFault.Full,
                $"the disk is full: {path} needs {count:N0} bytes more; free some room"
            );
        }
    }

    private static string Parent(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";
}
