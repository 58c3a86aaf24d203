using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Orders;

/// <summary>
/// Stores the ledger with group commits: changes that arrive during a commit become durable together in the next one.
/// Only one loop uses it.
/// </summary>
public sealed class PlantStore : IAsyncDisposable
{
    private const string Plants = "plants";
    private const string State = "state";
    private const string LostOrders = "lost";
    private const int RowsPerRead = 1000;
    private static readonly byte[] EpochKey = Encoding.ASCII.GetBytes("epoch");
    private static readonly byte[] SeqKey = Encoding.ASCII.GetBytes("seq");
    private static readonly byte[] FloorKey = Encoding.ASCII.GetBytes("floor");
    private static readonly byte[] FingerprintKey = Encoding.ASCII.GetBytes("sum");
    private static readonly byte[] RecordKey = Encoding.ASCII.GetBytes("record");

    private readonly IStore rows;
    private readonly NetworkName network;
    private readonly SortedSet<Hash32> lost;
    private Group? waiting;
    private Group? inFlight;
    private bool isWriting;
    private Task writing = Task.CompletedTask;

    private PlantStore(
        IStore store,
        NetworkName network,
        PlantLedger ledger,
        SortedSet<Hash32> lost,
        ReadOnlyMemory<byte>? record
    )
    {
        rows = store;
        this.network = network;
        this.lost = lost;
        Ledger = ledger;
        LastRecord = record;
    }

    public PlantLedger Ledger { get; }

    /// <summary>Orders that were held and whose stored form is broken. Others may still have them.</summary>
    public IReadOnlyCollection<Hash32> Lost => lost;

    /// <summary>The last signed record; null: none was stored.</summary>
    public ReadOnlyMemory<byte>? LastRecord { get; }

    /// <summary>
    /// Restores everything. If a stored plant is broken, or if they are not those of the last commit, a new epoch
    /// starts: then supernodes start over, and the other holders return what is missing.
    /// </summary>
    public static async Task<PlantStore> OpenAsync(
        IWorld world,
        string name,
        NetworkName network,
        CancellationToken stop
    )
    {
        var store = await world.Stores.OpenAsync(name, stop);
        var ledger = new PlantLedger(
            await NumberAsync(store, EpochKey, stop),
            world.Entropy.Fork("ledger").NextUInt64()
        );
        var repair = new StoreBatch();
        var broken = new SortedSet<Hash32>();
        await foreach (var (key, value) in AllAsync(store, Plants, stop))
        {
            if (StoredPlant.TryRead(key, value, network, out var row))
            {
                ledger.Restore(row.Entry);
                continue;
            }
            repair.Delete(Plants, key);
            if (key.Length == Hash32.Length && StoredPlant.MayBeLive(value))
            {
                broken.Add(new Hash32(key));
                repair.Put(LostOrders, key, Array.Empty<byte>());
            }
        }
        await foreach (var (key, _) in AllAsync(store, LostOrders, stop))
        {
            broken.Add(new Hash32(key));
        }
        ledger.ResumeAt(await NumberAsync(store, SeqKey, stop), await NumberAsync(store, FloorKey, stop));
        var fingerprint = await store.GetAsync(State, FingerprintKey, stop) ?? [];
        if (
            ledger.Epoch == 0
            || repair.Changes.Count > 0
            || !fingerprint.AsSpan().SequenceEqual(ledger.Fingerprint.ToArray())
        )
        {
            ledger.StartEpoch((long)(world.Entropy.Fork("epoch").NextUInt64() >> 1) | 1);
            repair.Put(State, EpochKey, Bytes(ledger.Epoch)).Put(State, FingerprintKey, ledger.Fingerprint.ToArray());
            await store.CommitAsync(repair, stop);
        }
        return new PlantStore(store, network, ledger, broken, await store.GetAsync(State, RecordKey, stop));
    }

    /// <summary>The stored form of an order; null when it is missing or broken.</summary>
    public async Task<StoredPlant?> ReadAsync(Hash32 order, CancellationToken stop)
    {
        // A change that is not written yet already counts; a decision must not miss it.
        if ((waiting?.Rows.GetValueOrDefault(order) ?? inFlight?.Rows.GetValueOrDefault(order)) is { } fresh)
        {
            return fresh;
        }
        var key = order.ToArray();
        var value = await rows.GetAsync(Plants, key, stop);
        return value is not null && StoredPlant.TryRead(key, value, network, out var row) ? row : null;
    }

    /// <summary>
    /// Makes changes durable that the ledger already has. If that fails, <paramref name="undo"/> is called (last change
    /// first) and the exception is passed on.
    /// </summary>
    public Task SaveAsync(IReadOnlyList<StoredPlant> changed, Action undo)
    {
        var group = waiting ??= new Group();
        foreach (var row in changed)
        {
            group.Batch.Put(Plants, row.Entry.Digest.ToArray(), row.Write());
            group.Rows[row.Entry.Digest] = row;
        }
        group.Undo.Add(undo);
        Start();
        return group.Done.Task;
    }

    /// <summary>Returns once everything that the ledger shows now is durable, and fails if that fails.</summary>
    public Task FlushAsync() => isWriting ? (waiting ??= new Group()).Done.Task : Task.CompletedTask;

    /// <summary>Deletes entries that the ledger has forgotten. If that fails, the ledger has them again.</summary>
    public Task ForgetAsync(IReadOnlyList<PlantEntry> forgotten)
    {
        var group = waiting ??= new Group();
        foreach (var entry in forgotten)
        {
            group.Batch.Delete(Plants, entry.Digest.ToArray());
            group.Undo.Add(() => Ledger.Undo(entry.Digest, entry));
        }
        Start();
        return group.Done.Task;
    }

    /// <summary>A lost order was found, or is given up.</summary>
    public Task RemoveLostAsync(Hash32 order, CancellationToken stop) =>
        lost.Remove(order)
            ? rows.CommitAsync(new StoreBatch().Delete(LostOrders, order.ToArray()), stop).AsTask()
            : Task.CompletedTask;

    public Task SaveRecordAsync(ReadOnlyMemory<byte> record, CancellationToken stop) =>
        rows.CommitAsync(new StoreBatch().Put(State, RecordKey, record), stop).AsTask();

    public async ValueTask DisposeAsync()
    {
        await writing;
        await rows.DisposeAsync();
    }

    private void Start()
    {
        if (!isWriting)
        {
            writing = WriteAsync();
        }
    }

    private async Task WriteAsync()
    {
        isWriting = true;
        while (waiting is { } group)
        {
            (waiting, inFlight) = (null, group);
            group.Batch.Put(State, SeqKey, Bytes(Ledger.Seq)).Put(State, FloorKey, Bytes(Ledger.Floor));
            group.Batch.Put(State, FingerprintKey, Ledger.Fingerprint.ToArray());
            try
            {
                await rows.CommitAsync(group.Batch, CancellationToken.None);
                group.Done.SetResult();
            }
            catch (Exception failure)
            {
                // The waiting changes build on those that have just failed.
                waiting?.Fail(failure);
                waiting = null;
                group.Fail(failure);
            }
            inFlight = null;
        }
        isWriting = false;
    }

    private static async IAsyncEnumerable<StoreRow> AllAsync(
        IStore store,
        string table,
        [EnumeratorCancellation] CancellationToken stop
    )
    {
        var reading = store.ListAsync(table, Array.Empty<byte>(), RowsPerRead, stop).AsTask();
        while (true)
        {
            var page = await reading;
            var isLast = page.Count < RowsPerRead;
            if (!isLast)
            {
                // Reads ahead while the caller works on this page.
                reading = store.ListAsync(table, page[^1].Key, RowsPerRead, stop).AsTask();
            }
            foreach (var row in page)
            {
                yield return row;
            }
            if (isLast)
            {
                yield break;
            }
        }
    }

    private static async Task<long> NumberAsync(IStore store, byte[] key, CancellationToken stop) =>
        await store.GetAsync(State, key, stop) is { Length: sizeof(long) } bytes
            ? BinaryPrimitives.ReadInt64BigEndian(bytes)
            : 0;

    private static byte[] Bytes(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    private sealed class Group
    {
        public StoreBatch Batch { get; } = new();
        public Dictionary<Hash32, StoredPlant> Rows { get; } = [];
        public List<Action> Undo { get; } = [];
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Fail(Exception failure)
        {
            for (var i = Undo.Count - 1; i >= 0; i--)
            {
                Undo[i]();
            }
            Done.SetException(failure);
        }
    }
}
