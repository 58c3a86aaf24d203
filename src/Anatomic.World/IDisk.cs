namespace Anatomic.World;

/// <summary>
/// Files. Paths are absolute and in the machine's own form. Failures are <see cref="DiskException"/>, whose message says what
/// to do; a full disk and a missing permission are told apart by <see cref="DiskException.Kind"/>.
/// </summary>
public interface IDisk
{
    /// <summary>Opens for reading, or for reading and writing (then made, with its folders, when it is missing).</summary>
    ValueTask<IFile> OpenAsync(string path, OpenMode use, CancellationToken stop);

    /// <summary>Null when there is nothing at the path.</summary>
    DiskEntry? Find(string path);

    /// <summary>The entries of a folder, by ordinal order of their names; empty when there is no such folder.</summary>
    IReadOnlyList<DiskEntry> List(string folder);

    void CreateFolder(string path);

    /// <summary>Replaces <paramref name="to"/> in one step, and makes the change durable.</summary>
    ValueTask RenameAsync(string from, string to, CancellationToken stop);

    /// <summary>Nothing happens when it is not there.</summary>
    void Delete(string path);

    /// <summary>Whoever may read the file may execute it from now on; nothing happens where the system has no such bits.</summary>
    void SetExecutable(string path);
}

public enum OpenMode
{
    Read,
    Write,
}

/// <param name="Path">Absolute.</param>
/// <param name="IsFolder">A folder; links to folders count as what they lead to.</param>
/// <param name="Length">In bytes; 0 for folders.</param>
/// <param name="Modified">Time of the last write.</param>
/// <param name="IsLink">A symbolic link.</param>
/// <param name="IsExecutable">The owner's execute bit; false where the system has none.</param>
public sealed record DiskEntry(
    string Path,
    bool IsFolder,
    long Length,
    DateTimeOffset Modified,
    bool IsLink = false,
    bool IsExecutable = false
);

/// <summary>An open file. Positioned reads and writes may overlap in time.</summary>
public interface IFile : IAsyncDisposable
{
    long Length { get; }

    /// <summary>Reads until <paramref name="into"/> is full or the file ends; returns the count.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop);

    /// <summary>Writes the parts one after the other, in one vectored write where the machine can.</summary>
    ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken stop);

    void SetLength(long length);

    /// <summary>Returns once everything written is durable.</summary>
    ValueTask FlushAsync(CancellationToken stop);
}

public enum DiskFault
{
    Other,
    Full,
    NotAllowed,
    NotFound,

    /// <summary>Another process has it.</summary>
    InUse,
}

public sealed class DiskException(DiskFault kind, string message, Exception? cause = null) : IOException(message, cause)
{
    public DiskFault Kind { get; } = kind;
}

public static class DiskExtensions
{
    /// <summary>A whole small file; more than <paramref name="maxBytes"/> is a <see cref="DiskException"/>.</summary>
    public static async ValueTask<byte[]> ReadAllAsync(
        this IDisk disk,
        string path,
        int maxBytes,
        CancellationToken stop
    )
    {
        await using var file = await disk.OpenAsync(path, OpenMode.Read, stop);
        if (file.Length > maxBytes)
        {
            throw new DiskException(
                DiskFault.Other,
                $"{path} is {file.Length:N0} bytes, more than the {maxBytes:N0} that are read"
            );
        }
        var bytes = new byte[file.Length];
        var read = await file.ReadAsync(0, bytes, stop);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>Writes beside the target, flushes, and renames over it: a reader sees the old file or the new one whole.</summary>
    public static async ValueTask ReplaceAsync(
        this IDisk disk,
        string path,
        ReadOnlyMemory<byte> bytes,
        CancellationToken stop
    )
    {
        var beside = path + ".new";
        try
        {
            await using (var file = await disk.OpenAsync(beside, OpenMode.Write, stop))
            {
                file.SetLength(0);
                await file.WriteAsync(0, [bytes], stop);
                await file.FlushAsync(stop);
            }
            await disk.RenameAsync(beside, path, stop);
        }
        catch
        {
            disk.Delete(beside);
            throw;
        }
    }
}
