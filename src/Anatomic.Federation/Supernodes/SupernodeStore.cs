using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// A supernode's durable state: a cache of what nodes published, so that it can answer at once after a start, and
/// separately its key. Losing the cache costs one round of polls.
/// </summary>
internal sealed class SupernodeStore(IStore store) : IAsyncDisposable
{
    private const int RowsPerRead = 512;
    private const int CursorBytes = 32 + Hash32.Length;

    // A thousand years; a time outside was not written here.
    private const long MaxAliveMs = 1000L * 365 * 24 * 3600 * 1000;

    public static async Task<SupernodeStore> OpenAsync(IWorld world, string name, CancellationToken stop) =>
        new(await world.Stores.OpenAsync(name, stop));

    /// <summary>
    /// The private key, created on the first start. It has its own store, <c>NAME-key</c>, so that the supernode keeps
    /// its id when the cache is lost or deleted.
    /// </summary>
    public static async Task<byte[]> KeyAsync(IWorld world, string name, CancellationToken stop)
    {
        await using var store = await world.Stores.OpenAsync(name + "-key", stop);
        if (await store.GetAsync("identity", "key"u8.ToArray(), stop) is { } known)
        {
            return known;
        }
        var fresh = world.Signatures.CreateKey();
        await store.CommitAsync(new StoreBatch().Put("identity", "key"u8.ToArray(), fresh), stop);
        return fresh;
    }

    public ValueTask CommitAsync(StoreBatch batch, CancellationToken stop) => store.CommitAsync(batch, stop);

    public static StoreBatch PutMember(StoreBatch batch, Member member)
    {
        var raw = member.Record.Raw;
        var value = new byte[16 + raw.Length];
        BinaryPrimitives.WriteInt64BigEndian(value, member.FirstSeen.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(8), (long)member.SeenAlive.TotalMilliseconds);
        raw.Span.CopyTo(value.AsSpan(16));
        return batch.Put("members", member.Id.ToArray(), value);
    }

    public static StoreBatch PutCursor(StoreBatch batch, NodeId node, ManifestCursor cursor)
    {
        var value = new byte[CursorBytes];
        BinaryPrimitives.WriteInt64BigEndian(value, cursor.Epoch);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(8), cursor.Seq);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(16), cursor.Count);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(24), cursor.WholeAt.ToUnixTimeMilliseconds());
        cursor.Digest.CopyTo(value.AsSpan(32));
        return batch.Put("cursors", node.ToArray(), value);
    }

    public static StoreBatch PutOrder(
        StoreBatch batch,
        Hash32 digest,
        DateTimeOffset firstSeen,
        ReadOnlyMemory<byte> raw
    )
    {
        var value = new byte[8 + raw.Length];
        BinaryPrimitives.WriteInt64BigEndian(value, firstSeen.ToUnixTimeMilliseconds());
        raw.Span.CopyTo(value.AsSpan(8));
        return batch.Put("orders", digest.ToArray(), value);
    }

    public static StoreBatch PutHeld(StoreBatch batch, NodeId node, Hash32 order) =>
        batch.Put("held", HeldKey(node, order), Array.Empty<byte>());

    public static StoreBatch DeleteHeld(StoreBatch batch, NodeId node, Hash32 order) =>
        batch.Delete("held", HeldKey(node, order));

    public static StoreBatch DeleteOrder(StoreBatch batch, Hash32 order) => batch.Delete("orders", order.ToArray());

    public async Task<StoredOrder?> OrderAsync(Hash32 digest, NetworkName network, CancellationToken stop)
    {
        var value = await store.GetAsync("orders", digest.ToArray(), stop);
        return value is not null && ReadOrder(value, network) is { } order && order.Order.Digest == digest
            ? order
            : null;
    }

    /// <summary>The order of a swarm whose digest begins with this prefix; null if it is not stored.</summary>
    public async Task<StoredOrder?> OrderAsync(ulong prefix, Hash20 swarm, NetworkName network, CancellationToken stop)
    {
        var begin = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(begin, prefix);
        foreach (var row in await store.ListAsync("orders", begin, 4, stop))
        {
            if (
                row.Key.AsSpan().StartsWith(begin)
                && ReadOrder(row.Value, network) is { } order
                && order.Order.Item.Swarms.Contains(swarm)
            )
            {
                return order;
            }
        }
        return null;
    }

    public async Task<IReadOnlyList<StoredMember>> MembersAsync(ItemReader reader, CancellationToken stop)
    {
        var members = new List<StoredMember>();
        await foreach (var row in AllAsync("members", stop))
        {
            if (
                row.Value.Length > 16
                && TryTime(row.Value, out var firstSeen)
                && BinaryPrimitives.ReadInt64BigEndian(row.Value.AsSpan(8)) is >= 0 and < MaxAliveMs and var alive
                && Signed.TryReadUnverified<NodeRecord>(row.Value.AsMemory(16), reader.Network, out var record, out _)
                && row.Key.AsSpan().SequenceEqual(record.Signer.ToArray())
                && reader.Verify(record)
            )
            {
                members.Add(new StoredMember(record, firstSeen, TimeSpan.FromMilliseconds(alive)));
            }
        }
        return members;
    }

    public async Task<IReadOnlyList<(NodeId Node, ManifestCursor Cursor)>> CursorsAsync(CancellationToken stop)
    {
        var cursors = new List<(NodeId, ManifestCursor)>();
        await foreach (var row in AllAsync("cursors", stop))
        {
            var value = row.Value.AsSpan();
            if (
                row.Key.Length != Hash32.Length
                || value.Length != CursorBytes
                || !TryTime(value[24..], out var wholeAt)
            )
            {
                continue;
            }
            var cursor = ManifestCursor.Restore(
                BinaryPrimitives.ReadInt64BigEndian(value),
                BinaryPrimitives.ReadInt64BigEndian(value[8..]),
                new Hash32(value[32..]),
                BinaryPrimitives.ReadInt64BigEndian(value[16..]),
                wholeAt
            );
            cursors.Add((new NodeId(row.Key), cursor));
        }
        return cursors;
    }

    /// <summary>All pairs of holder and order, by holder.</summary>
    public async IAsyncEnumerable<(NodeId Node, Hash32 Order)> HeldAsync(
        [EnumeratorCancellation] CancellationToken stop
    )
    {
        await foreach (var row in AllAsync("held", stop))
        {
            if (row.Key.Length == 2 * Hash32.Length)
            {
                yield return (new NodeId(row.Key.AsSpan(0, Hash32.Length)), new Hash32(row.Key.AsSpan(Hash32.Length)));
            }
        }
    }

    public async IAsyncEnumerable<StoredOrder> OrdersAsync(
        NetworkName network,
        [EnumeratorCancellation] CancellationToken stop
    )
    {
        await foreach (var row in AllAsync("orders", stop))
        {
            if (
                ReadOrder(row.Value, network) is { } order
                && row.Key.AsSpan().SequenceEqual(order.Order.Digest.ToArray())
            )
            {
                yield return order;
            }
        }
    }

    /// <summary>Deletes stored entries of a node that are not in <paramref name="orders"/>.</summary>
    public async Task DropHeldAsync(StoreBatch batch, NodeId node, IReadOnlySet<ulong> orders, CancellationToken stop)
    {
        var after = node.ToArray();
        while (true)
        {
            var rows = await store.ListAsync("held", after, RowsPerRead, stop);
            foreach (var row in rows)
            {
                if (new NodeId(row.Key.AsSpan(0, Hash32.Length)) != node)
                {
                    return;
                }
                if (!orders.Contains(SupernodeIndex.PrefixOf(new Hash32(row.Key.AsSpan(Hash32.Length)))))
                {
                    batch.Delete("held", row.Key);
                }
                after = row.Key;
            }
            if (rows.Count < RowsPerRead)
            {
                return;
            }
        }
    }

    public static StoreBatch DeleteMember(StoreBatch batch, NodeId node) =>
        batch.Delete("members", node.ToArray()).Delete("cursors", node.ToArray());

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private async IAsyncEnumerable<StoreRow> AllAsync(string table, [EnumeratorCancellation] CancellationToken stop)
    {
        var after = Array.Empty<byte>();
        while (true)
        {
            var rows = await store.ListAsync(table, after, RowsPerRead, stop);
            foreach (var row in rows)
            {
                yield return row;
                after = row.Key;
            }
            if (rows.Count < RowsPerRead)
            {
                yield break;
            }
        }
    }

    private static StoredOrder? ReadOrder(byte[] value, NetworkName network) =>
        value.Length > 8
        && TryTime(value, out var firstSeen)
        && Signed.TryReadUnverified<PlantOrder>(value.AsMemory(8), network, out var order, out _)
            ? new StoredOrder(order, firstSeen)
            : null;

    // A damaged disk may return any bytes.
    private static bool TryTime(ReadOnlySpan<byte> value, out DateTimeOffset time)
    {
        var number = BinaryPrimitives.ReadInt64BigEndian(value);
        var isValid = number is > -MaxAliveMs and < MaxAliveMs;
        time = isValid ? DateTimeOffset.FromUnixTimeMilliseconds(number) : default;
        return isValid;
    }

    private static byte[] HeldKey(NodeId node, Hash32 order) => [.. node.ToArray(), .. order.ToArray()];
}

/// <summary>An order that was verified before it was stored.</summary>
internal sealed record StoredOrder(Signed<PlantOrder> Order, DateTimeOffset FirstSeen);

internal sealed record StoredMember(Signed<NodeRecord> Record, DateTimeOffset FirstSeen, TimeSpan SeenAlive);
