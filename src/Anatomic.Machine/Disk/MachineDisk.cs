using Anatomic.World;

namespace Anatomic.Machine.Disk;

internal sealed class MachineDisk(DiskThreads threads, bool portable) : IDisk
{
    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
    };

    private readonly FileOpener opener = new(threads, portable);

    public async ValueTask<IFile> OpenAsync(DiskPath path, OpenMode use, CancellationToken stop) =>
        await RunAsync(path, () => opener.Open(path, use), stop).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<DiskEntry?>> FindAsync(IReadOnlyList<DiskPath> paths, CancellationToken stop)
    {
        var current = "";
        return await RunAsync<IReadOnlyList<DiskEntry?>>(
                () => current,
                () =>
                {
                    var entries = new DiskEntry?[paths.Count];
                    for (var i = 0; i < entries.Length; i++)
                    {
                        current = paths[i].Full;
                        entries[i] = Find(paths[i]);
                    }
                    return entries;
                },
                stop
            )
            .ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<DiskEntry>> ListAsync(DiskPath folder, CancellationToken stop) =>
        await RunAsync(folder, () => List(folder), stop).ConfigureAwait(false);

    public async ValueTask CreateFolderAsync(DiskPath path, CancellationToken stop) =>
        await RunAsync(
                path,
                () =>
                {
                    LinkCheck.ThrowIfLink(path);
                    return Directory.CreateDirectory(path.Full);
                },
                stop
            )
            .ConfigureAwait(false);

    public async ValueTask RenameAsync(DiskPath from, DiskPath to, CancellationToken stop) =>
        await RunAsync(
                to,
                () =>
                {
                    LinkCheck.ThrowIfLink(from);
                    LinkCheck.ThrowIfLink(to);
                    Rename(from.Full, to.Full);
                    return true;
                },
                stop
            )
            .ConfigureAwait(false);

    public async ValueTask DeleteAsync(DiskPath path, CancellationToken stop) =>
        await RunAsync(
                path,
                () =>
                {
                    if (path.Folder is { } folder)
                    {
                        LinkCheck.ThrowIfLink(folder);
                    }
                    Delete(path.Full);
                    return true;
                },
                stop
            )
            .ConfigureAwait(false);

    public async ValueTask SetExecutableAsync(DiskPath path, CancellationToken stop) =>
        await RunAsync(
                path,
                () =>
                {
                    LinkCheck.ThrowIfLink(path);
                    if (!OperatingSystem.IsWindows())
                    {
                        var mode = File.GetUnixFileMode(path.Full);
                        // Each execute bit is two places below the read bit.
                        File.SetUnixFileMode(path.Full, mode | (UnixFileMode)(((int)mode & 0b100_100_100) >> 2));
                    }
                    return true;
                },
                stop
            )
            .ConfigureAwait(false);

    public async ValueTask<long> GetFreeBytesAsync(DiskPath path, CancellationToken stop) =>
        await RunAsync(
                path,
                () =>
                {
                    var folder = path.Full;
                    while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { Length: > 0 } above)
                    {
                        folder = above;
                    }
                    return new DriveInfo(folder).AvailableFreeSpace;
                },
                stop
            )
            .ConfigureAwait(false);

    private DiskEntry? Find(DiskPath path)
    {
        var isBehindLink = LinkCheck.FindLink(path) is not null;
        if (isBehindLink && !opener.LeadsBelow(path))
        {
            return new DiskEntry(path.Full, IsFolder: false, 0, DateTimeOffset.UnixEpoch, IsLink: true);
        }
        FileSystemInfo info = Directory.Exists(path.Full) ? new DirectoryInfo(path.Full) : new FileInfo(path.Full);
        if (!info.Exists && info.LinkTarget is null)
        {
            ThrowIfHidden(path.Full);
            return null;
        }
        var entry = EntryOf(info);
        return isBehindLink ? entry with { IsLink = true } : entry;
    }

    /// <summary>.NET does not tell a missing file from one in a folder that may not be entered.</summary>
    private static void ThrowIfHidden(string path)
    {
        try
        {
            File.GetAttributes(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            // It really is missing.
        }
    }

    private static List<DiskEntry> List(DiskPath folder)
    {
        LinkCheck.ThrowIfLink(folder);
        if (!Directory.Exists(folder.Full))
        {
            return [];
        }
        var entries = new List<DiskEntry>();
        foreach (var info in new DirectoryInfo(folder.Full).EnumerateFileSystemInfos("*", Everything))
        {
            entries.Add(EntryOf(info));
        }
        entries.Sort(static (left, right) => string.CompareOrdinal(left.Path, right.Path));
        return entries;
    }

    private static void Delete(string path)
    {
        // Deletes a link to a folder, never its target.
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
        {
            Directory.Delete(path, recursive: false);
        }
        else if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(path);
        }
    }

    private static void Rename(string from, string to)
    {
        if (!OperatingSystem.IsWindows())
        {
            // Between volumes, File.Move copies without a word, which is neither atomic nor quick.
            if (UnixFiles.Rename(from, to) is { } cause)
            {
                throw cause;
            }
        }
        else if (!string.Equals(Path.GetPathRoot(from), Path.GetPathRoot(to), StringComparison.OrdinalIgnoreCase))
        {
            throw new DiskException(DiskFault.OtherVolume, $"{to} is on another volume than {from}");
        }
        else if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to, overwrite: true);
        }
        var folder = Path.GetDirectoryName(to);
        FolderSync.Sync(folder);
        if (Path.GetDirectoryName(from) is { } old && old != folder)
        {
            FolderSync.Sync(old);
        }
    }

    private static DiskEntry EntryOf(FileSystemInfo info)
    {
        var isLink = info.LinkTarget is not null;
        var target = isLink ? TargetOf(info) : info;
        var isFolder = target is DirectoryInfo { Exists: true };
        var isFile = target is FileInfo { Exists: true };
        return new DiskEntry(
            info.FullName,
            isFolder,
            isFile ? ((FileInfo)target!).Length : 0,
            new DateTimeOffset((target ?? info).LastWriteTimeUtc),
            isLink,
            isFile && !OperatingSystem.IsWindows() && target!.UnixFileMode.HasFlag(UnixFileMode.UserExecute),
            // Pipes, sockets and devices have no length.
            isFile && ((FileInfo)target!).Length == 0 && UnixFiles.IsSpecial(info.FullName)
        );
    }

    /// <summary>Null for a link that leads in a circle.</summary>
    private static FileSystemInfo? TargetOf(FileSystemInfo link)
    {
        try
        {
            return link.ResolveLinkTarget(returnFinalTarget: true);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private Task<T> RunAsync<T>(DiskPath path, Func<T> work, CancellationToken stop) =>
        RunAsync(() => path.Full, work, stop);

    private Task<T> RunAsync<T>(Func<string> path, Func<T> work, CancellationToken stop) =>
        threads.RunAsync(
            () =>
            {
                try
                {
                    return work();
                }
                catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
                {
                    throw DiskErrors.Of(path(), cause);
                }
            },
            stop
        );
}
