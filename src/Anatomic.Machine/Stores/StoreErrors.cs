using Anatomic.World;
using Microsoft.Data.Sqlite;

namespace Anatomic.Machine.Stores;

/// <summary>SQLite's errors (sqlite.org/rescode.html) as sentences that tell a person what to do.</summary>
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
                $"{path} is damaged, or no database of this program. Nothing in it was changed:"
                    + " move it away to start with an empty one, or put a copy in its place",
                cause
            ),
            Full => new DiskException(
                DiskFault.Full,
                $"The disk of {path} is full: free some space there, or give another folder with --data",
                cause
            ),
            Permission or ReadOnly or CannotOpen => new DiskException(
                DiskFault.NotAllowed,
                $"This program may not write {path}: change the permissions of its folder, or give another with --data",
                cause
            ),
            InputOutput => new DiskException(DiskFault.Other, $"The disk of {path} fails: {cause.Message}", cause),
            _ => new DiskException(DiskFault.Other, $"{path} cannot be used: {cause.Message}", cause),
        };
}
