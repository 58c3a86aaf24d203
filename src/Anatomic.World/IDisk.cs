namespace Anatomic.World;

/// <summary>
/// Files. Nothing here blocks the caller: every operation runs on threads of the disk's own. Failures are
/// <see cref="DiskException"/> with a message for the user; <see cref="DiskException.Kind"/> distinguishes a full disk
/// from a missing permission.
/// </summary>
/// <remarks>
/// A link below the root of a <see cref="DiskPath"/> is an error (<see cref="DiskFault.Link"/>) for everything that
/// writes. Reading follows it only when the system can prove that its target is below the root.
/// </remarks>
public interface IDisk
{
    /// <summary>Opens a file.</summary>
    ValueTask<IFile> OpenAsync(DiskPath path, OpenMode use, CancellationToken stop);

    /// <summary>The file or folder at each path; null where there is none.</summary>
    ValueTask<IReadOnlyList<DiskEntry?>> FindAsync(IReadOnlyList<DiskPath> paths, CancellationToken stop);

    /// <summary>
    /// The entries of a folder, sorted by name in ordinal order; empty when the folder does not exist.
    /// </summary>
    ValueTask<IReadOnlyList<DiskEntry>> ListAsync(DiskPath folder, CancellationToken stop);

    /// <summary>Creates the folder and those above it; does nothing when it exists.</summary>
    ValueTask CreateFolderAsync(DiskPath path, CancellationToken stop);

    /// <summary>
    /// Moves a file or folder and makes the change durable. A file at <paramref name="to"/> is replaced atomically.
    /// Fails with <see cref="DiskFault.OtherVolume"/> when the target is on another volume.
    /// </summary>
    ValueTask RenameAsync(DiskPath from, DiskPath to, CancellationToken stop);

    /// <summary>Deletes a file or an empty folder; does nothing when it does not exist.</summary>
    ValueTask DeleteAsync(DiskPath path, CancellationToken stop);

    /// <summary>
    /// Lets everybody who may read the file execute it; does nothing on systems without such permissions.
    /// </summary>
    ValueTask SetExecutableAsync(DiskPath path, CancellationToken stop);

    /// <summary>
    /// Free bytes for this user on the volume of a path; the path itself need not exist yet.
    /// </summary>
    ValueTask<long> GetFreeBytesAsync(DiskPath path, CancellationToken stop);
}

public enum OpenMode
{
    /// <summary>Opens an existing file for reading.</summary>
    Read,

    /// <summary>Opens for reading and writing; creates the file and its folders when they are missing.</summary>
    Write,

    /// <summary>Opens an existing file for reading and writing.</summary>
    WriteExisting,

    /// <summary>
    /// Creates a file and its folders; fails with <see cref="DiskFault.Exists"/> when anything, even a link, is there.
    /// </summary>
    CreateNew,
}

/// <param name="Path">Absolute path.</param>
/// <param name="IsFolder">True for folders and for links to folders.</param>
/// <param name="Length">In bytes; 0 for folders.</param>
/// <param name="Modified">Time of the last write.</param>
/// <param name="IsLink">
/// True for symbolic links, and for entries in a folder below the root that is one. Such an entry has no length when
/// its target is not provably below the root.
/// </param>
/// <param name="IsExecutable">The owner's execute permission; false on systems without it.</param>
/// <param name="IsSpecial">True for pipes, sockets and devices, which have no data of their own.</param>
public sealed record DiskEntry(
    string Path,
    bool IsFolder,
    long Length,
    DateTimeOffset Modified,
    bool IsLink = false,
    bool IsExecutable = false,
    bool IsSpecial = false
);

/// <summary>An open file. Positioned reads and writes may overlap in time.</summary>
public interface IFile : IAsyncDisposable
{
    /// <summary>The length in bytes; 0 for pipes and terminals.</summary>
    ValueTask<long> GetLengthAsync(CancellationToken stop);

    /// <summary>Reads until <paramref name="into"/> is full or the file ends; returns the number of bytes.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop);

    /// <summary>Writes the parts one after the other, in one vectored write where the system supports it.</summary>
    ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken stop);

    ValueTask SetLengthAsync(long length, CancellationToken stop);

    /// <summary>
    /// Reserves space for a length in bytes, where the file system can. The file has at least this length afterwards.
    /// </summary>
    ValueTask AllocateAsync(long length, CancellationToken stop);

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

    /// <summary>Something is in the place of a new file.</summary>
    Exists,

    /// <summary>A link below the root is in the way.</summary>
    Link,

    /// <summary>A rename would have to copy data to another volume.</summary>
    OtherVolume,
}

public sealed class DiskException(DiskFault kind, string message, Exception? cause = null) : IOException(message, cause)
{
    public DiskFault Kind { get; } = kind;
}
