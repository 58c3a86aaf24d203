namespace Anatomic.World;

public static class DiskExtensions
{
    // Two programs that replace files in one folder need two names; more than a few are left over by crashes.
    private const int MaxSideFiles = 100;

    /// <summary>The file or folder at a path; null when there is none.</summary>
    public static async ValueTask<DiskEntry?> FindAsync(this IDisk disk, DiskPath path, CancellationToken stop) =>
        (await disk.FindAsync([path], stop))[0];

    /// <summary>
    /// Reads a whole small file, pipes included. Throws <see cref="DiskException"/> when it is longer than
    /// <paramref name="maxBytes"/>.
    /// </summary>
    public static async ValueTask<byte[]> ReadAllAsync(
        this IDisk disk,
        DiskPath path,
        int maxBytes,
        CancellationToken stop
    )
    {
        await using var file = await disk.OpenAsync(path, OpenMode.Read, stop);
        var length = await file.GetLengthAsync(stop);
        // One byte more than the length shows whether the file goes on, as that of a pipe is 0.
        var bytes = new byte[Math.Clamp(length, 0, maxBytes) + 1];
        var read = 0;
        while (true)
        {
            read += await file.ReadAsync(read, bytes.AsMemory(read), stop);
            if (read < bytes.Length)
            {
                return bytes[..read];
            }
            if (read > maxBytes)
            {
                throw new DiskException(
                    DiskFault.Other,
                    $"{path} has {Math.Max(length, read):N0} bytes or more; at most {maxBytes:N0} are allowed"
                );
            }
            Array.Resize(ref bytes, (int)Math.Min(maxBytes + 1L, 2L * Math.Max(bytes.Length, 4096)));
        }
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
        var (beside, file) = await disk.CreateBesideAsync(path, stop);
        try
        {
            await using (file)
            {
                await file.WriteAsync(0, [bytes], stop);
                await file.FlushAsync(stop);
            }
            await disk.RenameAsync(beside, path, stop);
        }
        catch
        {
            await disk.DeleteAsync(beside, CancellationToken.None);
            throw;
        }
    }

    /// <summary>
    /// Creates a new file in the folder of a path, to be renamed over it. It follows no link and replaces no file.
    /// </summary>
    public static async ValueTask<(string Path, IFile File)> CreateBesideAsync(
        this IDisk disk,
        string path,
        CancellationToken stop
    )
    {
        // The name is short, as that of the target may already have the greatest length.
        var folder = Path.GetDirectoryName(path) ?? path;
        for (var number = 0; ; number++)
        {
            var beside = Path.Join(folder, $".anatomic-{number}.new");
            try
            {
                return (beside, await disk.OpenAsync(beside, OpenMode.CreateNew, stop));
            }
            catch (DiskException exists) when (exists.Kind == DiskFault.Exists && number < MaxSideFiles)
            {
                // Another program writes there, or left it behind.
            }
        }
    }
}
