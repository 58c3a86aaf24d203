using Anatomic.World;

namespace Anatomic.Machine.Disk;

internal sealed class MachineDisk : IDisk
{
    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
    };

    public async ValueTask<IFile> OpenAsync(string path, OpenMode use, CancellationToken stop) =>
        await Task.Run(() => Guarded(path, () => Open(path, use)), stop).ConfigureAwait(false);

    public DiskEntry? Find(string path) =>
        Guarded(
            path,
            () =>
            {
                FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
                return info.Exists || info.LinkTarget is not null ? EntryOf(info) : null;
            }
        );

    public IReadOnlyList<DiskEntry> List(string folder) =>
        Guarded(
            folder,
            () =>
            {
                if (!Directory.Exists(folder))
                {
                    return [];
                }
                var entries = new List<DiskEntry>();
                foreach (var info in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything))
                {
                    entries.Add(EntryOf(info));
                }
                entries.Sort(static (left, right) => string.CompareOrdinal(left.Path, right.Path));
                return entries;
            }
        );

    public void CreateFolder(string path) => Guarded(path, () => Directory.CreateDirectory(path));

    public async ValueTask RenameAsync(string from, string to, CancellationToken stop) =>
        await Task.Run(
                () =>
                    Guarded(
                        to,
                        () =>
                        {
                            Rename(from, to);
                            return true;
                        }
                    ),
                stop
            )
            .ConfigureAwait(false);

    public void Delete(string path) =>
        Guarded(
            path,
            () =>
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
                return true;
            }
        );

    public void SetExecutable(string path) =>
        Guarded(
            path,
            () =>
            {
                if (!OperatingSystem.IsWindows())
                {
                    var mode = File.GetUnixFileMode(path);
                    // Each execute bit is two places below the read bit.
                    File.SetUnixFileMode(path, mode | (UnixFileMode)(((int)mode & 0b100_100_100) >> 2));
                }
                return true;
            }
        );

    private static MachineFile Open(string path, OpenMode use)
    {
        if (Directory.Exists(path))
        {
            throw new DiskException(DiskFault.Other, $"{path} is a folder, not a file");
        }
        if (use == OpenMode.Read)
        {
            return new MachineFile(
                File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete),
                path,
                isNew: false
            );
        }
        var isNew = !File.Exists(path);
        if (isNew && Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }
        return new MachineFile(
            File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete),
            path,
            isNew
        );
    }

    private static void Rename(string from, string to)
    {
        if (Directory.Exists(from) && !File.Exists(to))
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
            isFile && !OperatingSystem.IsWindows() && target!.UnixFileMode.HasFlag(UnixFileMode.UserExecute)
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

    private static T Guarded<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
        {
            throw DiskErrors.Of(path, cause);
        }
    }
}
