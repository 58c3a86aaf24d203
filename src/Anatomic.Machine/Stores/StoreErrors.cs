using Anatomic.World;
using Microsoft.Data.Sqlite;

namespace Anatomic.Machine.Stores;

/// <summary>Messages for SQLite's errors (sqlite.org/rescode.html) that tell the user what to do.</summary>
internal static class StoreErrors
{
    private const int Permission = 3;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    public static DiskException Of(string path, SqliteException cause) =>
        cause.SqliteErrorCode switch
        {
            Corrupt or NotADatabase => new DiskException(
                DiskFault.Other,
                $"{path} is damaged, or not a database of this program. It was not changed:"
                    + " move it away to start with an empty one, or replace it with a copy",
                cause
            ),
            Full => new DiskException(
                DiskFault.Full,
                $"The disk of {path} is full: free some space, or choose another folder with --data",
                cause
            ),
            Permission or ReadOnly or CannotOpen => new DiskException(
                DiskFault.NotAllowed,
                $"Permission denied: {path} (change the permissions of its folder, or choose another with --data)",
                cause
            ),
            InputOutput => new DiskException(
                DiskFault.Other,
                $"The disk of {path} has an error: {cause.Message}",
                cause
            ),
            _ => new DiskException(DiskFault.Other, $"{path} cannot be used: {cause.Message}", cause),
        };
}
