namespace Anatomic.World;

/// <summary>
/// Files. Paths are absolute and in the system's own form. Failures are <see cref="DiskException"/> with a message for
/// the user; <see cref="DiskException.Kind"/> distinguishes a full disk from a missing permission.
/// </summary>
public interface IDisk
{
    /// <summary>
    /// Opens a file for reading, or for reading and writing. Writing creates the file and its folders when they are
    /// missing.
    /// </summary>
    ValueTask<IFile> OpenAsync(string path, OpenMode use, CancellationToken stop);

    /// <summary>The file or folder at the path; null when there is none.</summary>
    DiskEntry? Find(string path);

    /// <summary>
    /// The entries of a folder, sorted by name in ordinal order; empty when the folder does not exist.
    /// </summary>
    IReadOnlyList<DiskEntry> List(string folder);

    void CreateFolder(string path);

    /// <summary>
    /// Moves a file or folder and makes the change durable. A file at <paramref name="to"/> is replaced atomically.
    /// </summary>
    ValueTask RenameAsync(string from, string to, CancellationToken stop);

    /// <summary>Deletes a file or an empty folder; does nothing when it does not exist.</summary>
    void Delete(string path);

    /// <summary>
    /// Lets everybody who may read the file execute it; does nothing on systems without such permissions.
    /// </summary>
    void SetExecutable(string path);
}

public enum OpenMode
{
    Read,
    Write,
}

/// <param name="Path">Absolute path.</param>
/// <param name="IsFolder">True for folders and for links to folders.</param>
/// <param name="Length">In bytes; 0 for folders.</param>
/// <param name="Modified">Time of the last write.</param>
/// <param name="IsLink">True for symbolic links.</param>
/// <param name="IsExecutable">The owner's execute permission; false on systems without it.</param>
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

    /// <summary>Reads until <paramref name="into"/> is full or the file ends; returns the number of bytes.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop);

    /// <summary>Writes the parts one after the other, in one vectored write where the system supports it.</summary>
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

    /// <summary>Another process has opened it.</summary>
    InUse,
}

public sealed class DiskException(DiskFault kind, string message, Exception? cause = null) : IOException(message, cause)
{
    public DiskFault Kind { get; } = kind;
}

public static class DiskExtensions
{
    /// <summary>
    /// Reads a whole small file. Throws <see cref="DiskException"/> when it is longer than <paramref name="maxBytes"/>.
    /// </summary>
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
                $"{path} has {file.Length:N0} bytes; at most {maxBytes:N0} are allowed"
            );
        }
        var bytes = new byte[file.Length];
        var read = await file.ReadAsync(0, bytes, stop);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>
    /// Writes a temporary file next to the target, flushes it and renames it over the target, so that readers see the
    /// old or the new file, never a part.
    /// </summary>
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
