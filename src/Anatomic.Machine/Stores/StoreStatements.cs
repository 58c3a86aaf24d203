using Anatomic.World;
using Microsoft.Data.Sqlite;

namespace Anatomic.Machine.Stores;

/// <summary>
/// The prepared statements of a connection, by table. Callers check that table names consist of letters.
/// </summary>
internal sealed class StoreStatements(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<(string Sql, string Table), SqliteCommand> prepared = [];

    public byte[]? Get(string table, ReadOnlyMemory<byte> key)
    {
        var command = Prepare("SELECT value FROM \"{0}\" WHERE key = $key", table);
        command.Parameters["$key"].Value = key.ToArray();
        return (byte[]?)command.ExecuteScalar();
    }

    public IReadOnlyList<StoreRow> List(string table, ReadOnlyMemory<byte> after, int limit)
    {
        // No key sorts before the empty one, which a list from the first row includes.
        var command = after.IsEmpty
            ? Prepare("SELECT key, value FROM \"{0}\" WHERE key >= $key ORDER BY key LIMIT $value", table)
            : Prepare("SELECT key, value FROM \"{0}\" WHERE key > $key ORDER BY key LIMIT $value", table);
        command.Parameters["$key"].Value = after.ToArray();
        command.Parameters["$value"].Value = limit;
        var rows = new List<StoreRow>();
        using var read = command.ExecuteReader();
        while (read.Read())
        {
            rows.Add(new StoreRow((byte[])read[0], (byte[])read[1]));
        }
        return rows;
    }

    public void Apply(in StoreChange change)
    {
        if (change.Value is { } value)
        {
            var put = Prepare(
                "INSERT INTO \"{0}\" (key, value) VALUES ($key, $value)"
                    + " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                change.Table
            );
            put.Parameters["$key"].Value = change.Key.ToArray();
            put.Parameters["$value"].Value = value.ToArray();
            put.ExecuteNonQuery();
            return;
        }
        var delete = Prepare("DELETE FROM \"{0}\" WHERE key = $key", change.Table);
        delete.Parameters["$key"].Value = change.Key.ToArray();
        delete.ExecuteNonQuery();
    }

    public void CreateTable(string table) =>
        SqliteFile.Run(
            connection,
            $"CREATE TABLE IF NOT EXISTS \"{table}\" (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID"
        );

    public void Begin() => SqliteFile.Run(connection, "BEGIN IMMEDIATE");

    public void Commit() => SqliteFile.Run(connection, "COMMIT");

    public void RollBack()
    {
        try
        {
            SqliteFile.Run(connection, "ROLLBACK");
        }
        catch (SqliteException)
        {
            // After some errors (a full disk) SQLite has already rolled back.
        }
    }

    public void Dispose()
    {
        foreach (var command in prepared.Values)
        {
            command.Dispose();
        }
        connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, string table)
    {
        if (prepared.TryGetValue((sql, table), out var known))
        {
            return known;
        }
        var command = connection.CreateCommand();
        command.CommandText = sql.Replace("{0}", table, StringComparison.Ordinal);
        command.Parameters.Add("$key", SqliteType.Blob);
        if (sql.Contains("$value", StringComparison.Ordinal))
        {
            command.Parameters.Add(new SqliteParameter("$value", null));
        }
        prepared.Add((sql, table), command);
        return command;
    }
}
