using Anatomic.World;
using Microsoft.Win32.SafeHandles;

namespace Anatomic.Machine.Disk;

/// <summary>
/// Opens files. Below a root, Linux itself guarantees that no link leads out, even one made at the same moment. Other
/// systems look for links first.
/// </summary>
internal sealed class FileOpener(DiskThreads threads, bool portable)
{
    private readonly bool useLinux = !portable && LinuxFiles.CanOpenBelow;

    public MachineFile Open(DiskPath path, OpenMode use)
    {
        if (path.Below.Length == 0)
        {
            return OpenTrusted(path.Full, use);
        }
        if (useLinux)
        {
            return OpenBelow(path, use);
        }
        LinkCheck.ThrowIfLink(path);
        return OpenTrusted(path.Full, use);
    }

    /// <summary>Whether a path with links provably stays below its root.</summary>
    public bool LeadsBelow(DiskPath path)
    {
        if (!useLinux)
        {
            return false;
        }
        using var handle = LinuxFiles.OpenBelow(path.Root, path.Below, LinuxFiles.PathOnly, follow: true, out _);
        return handle is not null;
    }

    private MachineFile OpenTrusted(string path, OpenMode use)
    {
        if (Directory.Exists(path))
        {
            throw IsFolder(path);
        }
        if (use == OpenMode.Read)
        {
            return new MachineFile(
                threads,
                File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete),
                path,
                isNew: false
            );
        }
        var isNew = use != OpenMode.WriteExisting && !File.Exists(path);
        if (isNew && Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }
        var mode = use switch
        {
            OpenMode.WriteExisting => FileMode.Open,
            OpenMode.CreateNew => FileMode.CreateNew,
            _ => FileMode.OpenOrCreate,
        };
        var handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        return new MachineFile(threads, handle, path, isNew);
    }

    private MachineFile OpenBelow(DiskPath path, OpenMode use)
    {
        if (use == OpenMode.Read)
        {
            return new MachineFile(threads, OpenLinux(path, LinuxFiles.ReadOnly), path.Full, isNew: false);
        }
        if (use != OpenMode.CreateNew)
        {
            var existing = LinuxFiles.OpenBelow(
                path.Root,
                path.Below,
                LinuxFiles.ReadWrite,
                follow: false,
                out var error
            );
            if (existing is not null)
            {
                return new MachineFile(threads, existing, path.Full, isNew: false);
            }
            if (error != LinuxFiles.ErrorNoEntry || use == OpenMode.WriteExisting)
            {
                throw ErrorOf(path, error);
            }
        }
        var folder = path.Folder!.Value;
        LinkCheck.ThrowIfLink(folder);
        Directory.CreateDirectory(folder.Full);
        var flags = LinuxFiles.ReadWrite | LinuxFiles.Create | (use == OpenMode.CreateNew ? LinuxFiles.Exclusive : 0);
        return new MachineFile(threads, OpenLinux(path, flags), path.Full, isNew: true);
    }

    private static SafeFileHandle OpenLinux(DiskPath path, int flags)
    {
        var follow = flags == LinuxFiles.ReadOnly;
        var handle =
            LinuxFiles.OpenBelow(path.Root, path.Below, flags, follow, out var error) ?? throw ErrorOf(path, error);
        if (follow && Directory.Exists(path.Full))
        {
            // Only reading opens a folder without an error.
            handle.Dispose();
            throw IsFolder(path.Full);
        }
        return handle;
    }

    private static Exception ErrorOf(DiskPath path, int error) =>
        error switch
        {
            LinuxFiles.ErrorLoop or LinuxFiles.ErrorCrossDevice => DiskErrors.Link(
                LinkCheck.FindLink(path) ?? path.Full
            ),
            LinuxFiles.ErrorIsFolder => IsFolder(path.Full),
            _ => UnixFiles.ErrorOf(error, path.Full),
        };

    private static DiskException IsFolder(string path) => new(DiskFault.Other, $"{path} is a folder, not a file");
}
