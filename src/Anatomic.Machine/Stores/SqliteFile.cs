using Anatomic.Machine.Disk;
using Anatomic.World;
using Microsoft.Data.Sqlite;

namespace Anatomic.Machine.Stores;

/// <summary>Opens connections to a store's database, and checks that this program created it.</summary>
internal static class SqliteFile
{
    // "Anat": marks the file as ours (sqlite.org/pragma.html#pragma_application_id).
    private const long ApplicationId = 0x416E6174;
    private const long FormatVersion = 1;

    /// <summary>The writing connection; creates the database when it does not exist.</summary>
    public static SqliteConnection OpenWriter(string path)
    {
        var connection = Connect(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            Check(connection, path);
            Run(connection, "PRAGMA journal_mode = WAL");
            Run(connection, "PRAGMA synchronous = FULL");
            // Without it macOS only passes the bytes to the drive's cache; elsewhere it has no effect.
            Run(connection, "PRAGMA fullfsync = ON");
            Run(connection, "PRAGMA cell_size_check = ON");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Lets only the owner read and write the database, whatever the folder and the umask allow, because stores contain
    /// keys. SQLite gives its journals the same permissions. On Windows the user's own folder protects it.
    /// </summary>
    public static void KeepPrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using var made = new FileStream(
                path,
                new FileStreamOptions
                {
                    // An empty file is a database without tables.
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.ReadWrite | FileShare.Delete,
                    UnixCreateMode = owner,
                }
            );
            if (File.GetUnixFileMode(made.SafeFileHandle) != owner)
            {
                File.SetUnixFileMode(made.SafeFileHandle, owner);
            }
        }
        catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
        {
            throw DiskErrors.Of(path, cause);
        }
    }

    public static SqliteConnection OpenReader(string path)
    {
        var connection = Connect(path, SqliteOpenMode.ReadWrite);
        Run(connection, "PRAGMA query_only = ON");
        return connection;
    }

    public static List<string> Tables(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM sqlite_master WHERE type = 'table'";
        using var rows = command.ExecuteReader();
        var names = new List<string>();
        while (rows.Read())
        {
            names.Add(rows.GetString(0));
        }
        return names;
    }

    public static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static void Check(SqliteConnection connection, string path)
    {
        var application = Number(connection, "PRAGMA application_id");
        var isEmpty = Number(connection, "SELECT count(*) FROM sqlite_master") == 0;
        if (application == 0 && isEmpty)
        {
            Run(connection, $"PRAGMA application_id = {ApplicationId}");
            Run(connection, $"PRAGMA user_version = {FormatVersion}");
            return;
        }
        if (application != ApplicationId)
        {
            throw new DiskException(
                DiskFault.Other,
                $"{path} is a database of another program; choose another folder with --data"
            );
        }
        if (Number(connection, "PRAGMA user_version") > FormatVersion)
        {
            throw new DiskException(
                DiskFault.Other,
                $"{path} was written by a newer anatomic; use that version, or choose another folder with --data"
            );
        }
    }

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = mode,
                Pooling = false,
            }.ToString()
        );
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
