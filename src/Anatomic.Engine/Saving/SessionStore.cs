using Anatomic.Engine.Connections;
using Anatomic.Engine.Settings;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Saving;

/// <summary>
/// Keeps the session's torrents, their metainfo and the session's totals. Each save is one commit: after a crash a
/// torrent is in its last acknowledged state. May be used from any loop.
/// </summary>
internal sealed class SessionStore(IStore store)
{
    private const string TorrentTable = "torrents";
    private const string MetainfoTable = "metainfo";
    private const string SessionTable = "session";
    private const string BanTable = "bans";
    private const int RowsPerPage = 256;

    private static readonly byte[] TotalsKey = "totals"u8.ToArray();

    /// <summary>Adds or replaces a torrent, and its metainfo unless that is null.</summary>
    public ValueTask SaveAsync(SavedTorrent torrent, TorrentMetainfo? metainfo, CancellationToken stop)
    {
        var batch = BatchOf(torrent);
        if (metainfo is not null)
        {
            batch.Put(MetainfoTable, torrent.Key.ToArray(), metainfo.Bytes);
        }
        return store.CommitAsync(batch, stop);
    }

    /// <summary>The change that adds or replaces a torrent.</summary>
    public static StoreBatch BatchOf(SavedTorrent torrent) =>
        new StoreBatch().Put(TorrentTable, torrent.Key.ToArray(), torrent.Write());

    /// <summary>Removes a torrent and its metainfo.</summary>
    public ValueTask RemoveAsync(Hash20 key, CancellationToken stop) =>
        store.CommitAsync(
            new StoreBatch().Delete(TorrentTable, key.ToArray()).Delete(MetainfoTable, key.ToArray()),
            stop
        );

    /// <summary>The torrent's metainfo; null when it was never saved or its record is damaged.</summary>
    public async ValueTask<TorrentMetainfo?> LoadMetainfoAsync(Hash20 key, CancellationToken stop) =>
        await store.GetAsync(MetainfoTable, key.ToArray(), stop) is { } bytes
        && TorrentMetainfo.TryRead(bytes, out var metainfo, out _)
            ? metainfo
            : null;

    /// <summary>Lists all torrents in the order of their keys.</summary>
    /// <param name="damaged">Called with the key of each record that cannot be read; it stays in the store.</param>
    public async ValueTask<IReadOnlyList<SavedTorrent>> ListAsync(Action<byte[]> damaged, CancellationToken stop)
    {
        var torrents = new List<SavedTorrent>();
        byte[] after = [];
        while (true)
        {
            var rows = await store.ListAsync(TorrentTable, after, RowsPerPage, stop);
            foreach (var row in rows)
            {
                if (SavedTorrent.Read(row.Key, row.Value) is { } torrent)
                {
                    torrents.Add(torrent);
                }
                else
                {
                    damaged(row.Key);
                }
            }
            if (rows.Count < RowsPerPage)
            {
                return torrents;
            }
            after = rows[^1].Key;
        }
    }

    /// <summary>Loads the saved bans; damaged rows are left out.</summary>
    public async ValueTask<IReadOnlyList<AddressBan>> LoadBansAsync(CancellationToken stop)
    {
        var bans = new List<AddressBan>();
        foreach (var row in await store.ListAsync(BanTable, ReadOnlyMemory<byte>.Empty, EngineLimits.MaxBans, stop))
        {
            if (AddressBan.TryRead(row.Key, row.Value, out var ban))
            {
                bans.Add(ban);
            }
        }
        return bans;
    }

    /// <summary>Replaces the saved bans.</summary>
    /// <param name="before">The bans that were saved last.</param>
    public ValueTask SaveBansAsync(
        IReadOnlyCollection<AddressBan> before,
        IReadOnlyCollection<AddressBan> now,
        CancellationToken stop
    )
    {
        var batch = new StoreBatch();
        foreach (var ended in before.Where(ban => !now.Any(other => other.Addresses == ban.Addresses)))
        {
            batch.Delete(BanTable, ended.Addresses.ToBytes());
        }
        foreach (var ban in now.Except(before))
        {
            batch.Put(BanTable, ban.Addresses.ToBytes(), ban.Write());
        }
        return store.CommitAsync(batch, stop);
    }

    /// <summary>Saves the totals of torrents that were removed.</summary>
    public ValueTask SaveTotalsAsync(TorrentTotals totals, CancellationToken stop)
    {
        var writer = new BencodeWriter();
        totals.Write(writer);
        return store.CommitAsync(new StoreBatch().Put(SessionTable, TotalsKey, writer.ToArray()), stop);
    }

    /// <summary>The totals of removed torrents; zeros when none were saved.</summary>
    public async ValueTask<TorrentTotals> LoadTotalsAsync(CancellationToken stop) =>
        TorrentTotals.Read(
            await store.GetAsync(SessionTable, TotalsKey, stop) is { } row
            && BencodeValue.TryParse(row, BencodeMode.Strict, out var value, out _)
                ? value
                : null
        );
}
