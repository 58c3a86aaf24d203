using System.Buffers.Binary;
using System.Text;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// The durable side of the ledger, with grouped commits: what comes in while a commit is under way becomes durable together with
/// the next one. Used from one loop only.
/// </summary>
public sealed class PlantStore : IAsyncDisposable
{
    private const string Plants = "plants";
    private const string State = "state";
    private const int RowsAtOnce = 1000;
    private static readonly byte[] EpochKey = Encoding.ASCII.GetBytes("epoch");
    private static readonly byte[] SeqKey = Encoding.ASCII.GetBytes("seq");
    private static readonly byte[] FloorKey = Encoding.ASCII.GetBytes("floor");
    private static readonly byte[] RecordKey = Encoding.ASCII.GetBytes("record");

    private readonly IStore rows;
    private readonly NetworkName network;
    private Group? waiting;
    private bool isWriting;
    private Task writing = Task.CompletedTask;

    private PlantStore(IStore store, NetworkName network, PlantLedger ledger, ReadOnlyMemory<byte>? record)
    {
        rows = store;
        this.network = network;
        Ledger = ledger;
        LastRecord = record;
    }

    public PlantLedger Ledger { get; }

    /// <summary>The signed record that was last made; null: never.</summary>
    public ReadOnlyMemory<byte>? LastRecord { get; }

    /// <summary>
    /// Reads everything back. A broken row, or a highest number that is above what the rows show, means a new epoch: supernodes
    /// start over, and the other holders bring back what is missing.
    /// </summary>
    public static async Task<PlantStore> OpenAsync(
        IWorld world,
        string name,
        NetworkName network,
        CancellationToken stop
    )
    {
        var store = await world.Stores.OpenAsync(name, stop);
        var entries = new List<PlantEntry>();
        var broken = new StoreBatch();
        byte[] after = [];
        while (true)
        {
            var page = await store.ListAsync(Plants, after, RowsAtOnce, stop);
            foreach (var (key, value) in page)
            {
                if (PlantRow.TryRead(key, value, network, out var row))
                {
                    entries.Add(row.Entry);
                }
                else
                {
                    broken.Delete(Plants, key);
                }
            }
            if (page.Count < RowsAtOnce)
            {
                break;
            }
            after = page[^1].Key;
        }
        var epoch = await NumberAsync(store, EpochKey, stop);
        var (seq, floor) = (await NumberAsync(store, SeqKey, stop), await NumberAsync(store, FloorKey, stop));
        entries.Sort(static (left, right) => left.Seq.CompareTo(right.Seq));
        var top = entries.Count > 0 ? entries[^1].Seq : 0;
        if (epoch == 0 || broken.Changes.Count > 0 || Math.Max(top, floor) < seq)
        {
            epoch = (long)(world.Entropy.Fork("epoch").NextUInt64() >> 1) | 1;
            broken.Put(State, EpochKey, Bytes(epoch));
            await store.CommitAsync(broken, stop);
        }
        var ledger = new PlantLedger(epoch);
        foreach (var entry in entries)
        {
            ledger.Restore(entry);
        }
        ledger.ResumeAt(seq, floor);
        return new PlantStore(store, network, ledger, await store.GetAsync(State, RecordKey, stop));
    }

    /// <summary>The bodies of an order; null when the row is gone or broken.</summary>
    public async Task<PlantRow?> ReadAsync(Hash32 order, CancellationToken stop)
    {
        var key = order.ToArray();
        var value = await rows.GetAsync(Plants, key, stop);
        return value is not null && PlantRow.TryRead(key, value, network, out var row) ? row : null;
    }

    /// <summary>
    /// Makes rows durable; the ledger already has them. When that fails, <paramref name="undo"/> is called (the last change
    /// first) and the exception is passed on.
    /// </summary>
    public Task SaveAsync(IReadOnlyList<PlantRow> changed, Action undo)
    {
        var group = waiting ??= new Group();
        foreach (var row in changed)
        {
            group.Batch.Put(Plants, row.Entry.Digest.ToArray(), row.Write());
        }
        group.Undo.Add(undo);
        Start();
        return group.Done.Task;
    }

    /// <summary>Returns once all that the ledger shows now is durable; fails when that fails.</summary>
    public Task SettleAsync() => isWriting ? (waiting ??= new Group()).Done.Task : Task.CompletedTask;

    /// <summary>Deletes forgotten rows.</summary>
    public Task ForgetAsync(IReadOnlyList<Hash32> orders)
    {
        var group = waiting ??= new Group();
        foreach (var order in orders)
        {
            group.Batch.Delete(Plants, order.ToArray());
        }
        Start();
        return group.Done.Task;
    }

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
            waiting = null;
            group.Batch.Put(State, SeqKey, Bytes(Ledger.Seq)).Put(State, FloorKey, Bytes(Ledger.Floor));
            try
            {
                await rows.CommitAsync(group.Batch, CancellationToken.None);
                group.Done.SetResult();
            }
            catch (Exception failure)
            {
                // What waits was decided on top of what has just failed.
                waiting?.Fail(failure);
                waiting = null;
                group.Fail(failure);
            }
        }
        isWriting = false;
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
