using System.Net;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// A world in which time stands still, everything completes at once on the caller's thread, and every signature is
/// valid, so that hostile items get as far as possible.
/// </summary>
internal sealed class FrozenWorld(ReadOnlyMemory<byte> repliesOfOthers)
    : IWorld,
        ILoops,
        ILoop,
        INetwork,
        IHttpClient,
        IWorkers,
        IStores,
        ISignatures
{
    /// <summary>The only public key; the corpus contains its hash.</summary>
    private static readonly byte[] Point = [.. Enumerable.Repeat((byte)1, 64)];

    private readonly Dictionary<string, MemoryStore> stores = [];

    public TimeProvider Clock { get; } = FuzzClock.At(FuzzClock.CorpusTime);
    public Entropy Entropy { get; } = new CountingEntropy();
    public INetwork Network => this;
    public IHttpClient Http => this;
    public IDisk Disk => throw new NotSupportedException();
    public IStores Stores => this;
    public IWorkers Workers => this;
    public ILoops Loops => this;
    public ISignatures Signatures => this;
    public IEventLog EventLog => NullEventLog.Instance;
    public IReadOnlyList<ILoop> All => [this];
    public int Count => 1;

    Task ILoop.RunAsync(Func<Task> work) => work();

    public void Post(Action action) => action();

    public Task<T> RunAsync<T>(Func<T> work) => Task.FromResult(work());

    public ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken stop) =>
        ValueTask.FromResult<IReadOnlyList<IPAddress>>([IPAddress.Parse("10.1.2.3")]);

    public ValueTask<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken stop) =>
        ValueTask.FromResult(
            new OutboundResponse(
                HttpResponse.Of(200, "text/plain", repliesOfOthers),
                request.DialAddress ?? Endpoint.FromV4(1, 1)
            )
        );

    public ValueTask<IStore> OpenAsync(string name, CancellationToken stop)
    {
        if (!stores.TryGetValue(name, out var store))
        {
            stores.Add(name, store = new MemoryStore());
        }
        return ValueTask.FromResult<IStore>(store);
    }

    public ISigner Open(ReadOnlySpan<byte> privateKey) => new Signer();

    public byte[] CreateKey() => [.. Enumerable.Repeat((byte)1, 32)];

    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => true;

    public ValueTask<IConnection> DialAsync(Endpoint to, CancellationToken stop) => throw new NotSupportedException();

    public IListener Listen(Endpoint at) => throw new NotSupportedException();

    public IDatagramPort OpenDatagramPort(Endpoint at, ILoop loop, IDatagramPortHandler handler) =>
        throw new NotSupportedException();

    public IRunningServer ServeDatagrams(Endpoint at, IDatagramHandler handler) => throw new NotSupportedException();

    public ValueTask<IRunningServer> ServeHttpAsync(HttpServerOptions server, CancellationToken stop) =>
        throw new NotSupportedException();

    private sealed class Signer : ISigner
    {
        public ReadOnlyMemory<byte> PublicKey => Point;

        public byte[] Sign(ReadOnlySpan<byte> data) => new byte[64];
    }

    private sealed class MemoryStore : IStore
    {
        private static readonly Comparer<byte[]> ByBytes = Comparer<byte[]>.Create(
            (left, right) => left.AsSpan().SequenceCompareTo(right)
        );

        private readonly Dictionary<string, SortedDictionary<byte[], byte[]>> tables = [];

        public ValueTask<byte[]?> GetAsync(string table, ReadOnlyMemory<byte> key, CancellationToken stop) =>
            ValueTask.FromResult(Table(table).GetValueOrDefault(key.ToArray()));

        public ValueTask<IReadOnlyList<StoreRow>> ListAsync(
            string table,
            ReadOnlyMemory<byte> after,
            int limit,
            CancellationToken stop
        ) =>
            ValueTask.FromResult<IReadOnlyList<StoreRow>>([
                .. Table(table)
                    .Where(row => after.IsEmpty || row.Key.AsSpan().SequenceCompareTo(after.Span) > 0)
                    .Take(limit)
                    .Select(row => new StoreRow(row.Key, row.Value)),
            ]);

        public ValueTask CommitAsync(StoreBatch batch, CancellationToken stop)
        {
            foreach (var (table, key, value) in batch.Changes)
            {
                if (value is { } put)
                {
                    Table(table)[key.ToArray()] = put.ToArray();
                }
                else
                {
                    Table(table).Remove(key.ToArray());
                }
            }
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private SortedDictionary<byte[], byte[]> Table(string name)
        {
            if (!tables.TryGetValue(name, out var table))
            {
                tables.Add(name, table = new SortedDictionary<byte[], byte[]>(ByBytes));
            }
            return table;
        }
    }
}
