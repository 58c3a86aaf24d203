using Anatomic.Federation.Lookup;
using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Outbound;
using Anatomic.Federation.Pages;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// A supernode: the directory of nodes and supernodes, and the index from info-hash to nodes. It holds no truth of its own: what
/// it knows is what nodes have signed and its own polls have confirmed. Runs on one loop.
/// </summary>
public sealed class SupernodeService : IRequestHandler, IAsyncDisposable
{
    private const int NonceChars = 2 * NetworkLimits.MaxNonceBytes;

    private readonly SupernodeCore core;
    private readonly ILoop loop;
    private readonly RecordHandler records;
    private readonly ExchangeHandler exchanges;
    private readonly LookupHandler lookups;
    private readonly RedirectHandler redirects;
    private readonly SupernodePages pages;
    private readonly SupernodeMaintenance maintenance;

    private SupernodeService(SupernodeCore core, ILoop loop)
    {
        this.core = core;
        this.loop = loop;
        var prober = new MemberProber(core.World, core.Http, core.Reader, core.Entropy);
        records = new RecordHandler(core, prober);
        exchanges = new ExchangeHandler(core, records);
        lookups = new LookupHandler(core, new HopDesk(core));
        redirects = new RedirectHandler(core, lookups);
        pages = new SupernodePages(core, records);
        maintenance = new SupernodeMaintenance(core, prober, new ManifestFollower(core, prober), exchanges);
    }

    /// <summary>SHA-256 of its public key.</summary>
    public NodeId Id => core.Id;

    public NetworkName Network => core.Network.Name;

    /// <summary>Opens its store, makes its key on the first start, and reads back what it knew.</summary>
    /// <exception cref="ArgumentException">The network's name is none.</exception>
    /// <exception cref="DiskException">The store cannot be opened.</exception>
    public static Task<SupernodeService> OpenAsync(IWorld world, SupernodeOptions options, CancellationToken stop)
    {
        if (!NetworkName.TryParse(options.Network, out var name, out var fault))
        {
            throw new ArgumentException(fault.ToString(), nameof(options));
        }
        var home = world.Loops.All[0];
        return home.RunAsync<SupernodeService>(() =>
            OpenHereAsync(world, home, options, new NetworkOptions { Name = name }, stop)
        );
    }

    /// <summary>Polls nodes and exchanges records until <paramref name="stop"/>; ends without an exception then.</summary>
    public Task RunAsync(CancellationToken stop) => loop.RunAsync(() => maintenance.RunAsync(stop));

    /// <summary>Answers one request; from any thread.</summary>
    public async ValueTask<HttpResponse> HandleAsync(InboundRequest call, CancellationToken stop) =>
        await loop.RunAsync<HttpResponse>(() => AnswerAsync(call, stop));

    /// <summary>Its figures for monitoring; from any thread.</summary>
    public Task<IReadOnlyList<Metric>> MetricsAsync() =>
        loop.RunAsync<IReadOnlyList<Metric>>(() => Task.FromResult(pages.Metrics()));

    public ValueTask DisposeAsync() => core.Store.DisposeAsync();

    private static async Task<SupernodeService> OpenHereAsync(
        IWorld world,
        ILoop home,
        SupernodeOptions options,
        NetworkOptions network,
        CancellationToken stop
    )
    {
        var store = await SupernodeStore.OpenAsync(world, options.Store, stop);
        var key = await SupernodeStore.KeyAsync(world, options.Store, stop);
        var signer = new ItemSigner(world.Signatures.Open(key), network.Name);
        var entropy = world.Entropy.Fork($"supernode {signer.Id.Short}");
        var reader = new ItemReader(world.Signatures, network.Name);
        var known = await store.MembersAsync(reader, stop);
        var now = world.Clock.GetUtcNow();
        var rules = new DirectoryRules(
            network.AllowsPrivate,
            options.Probation ?? network.Probation,
            now,
            known.Count == 0
        );
        var exchange = new PublicHttpClient(world, network);
        var parts = new SupernodeCore
        {
            World = world,
            Options = options,
            Network = network,
            Store = store,
            Signer = signer,
            Reader = reader,
            Http = exchange,
            Entropy = entropy,
            Challenge = new IdChallenge(world, exchange, reader),
            Directory = new MemberDirectory(rules),
            Index = new SupernodeIndex(entropy.NextUInt64()),
            Events = new SupernodeEvents(world.EventLog),
        };
        foreach (var member in known)
        {
            parts.Directory.Restore(member.Record, member.FirstSeen, member.SeenAlive, now);
        }
        parts.Counters.Started = now;
        await RestoreIndexAsync(parts, stop);
        parts.Events.StoreOpened(known.Count, parts.Index.Count);
        return new SupernodeService(parts, home);
    }

    private static async Task RestoreIndexAsync(SupernodeCore parts, CancellationToken stop)
    {
        foreach (var (node, cursor) in await parts.Store.CursorsAsync(stop))
        {
            parts.Cursors[node] = cursor;
        }
        var orders = new Dictionary<Hash32, StoredOrder>();
        await foreach (var order in parts.Store.OrdersAsync(parts.Network.Name, stop))
        {
            orders[order.Order.Digest] = order;
        }
        await foreach (var (node, digest) in parts.Store.HeldAsync(stop))
        {
            if (orders.TryGetValue(digest, out var order))
            {
                foreach (var swarm in order.Order.Item.Swarms)
                {
                    parts.Index.Add(node, digest, swarm, order.FirstSeen, FederationLimits.MaxIndexEntries);
                }
            }
        }
    }

    private async Task<HttpResponse> AnswerAsync(InboundRequest call, CancellationToken stop)
    {
        try
        {
            return await RouteAsync(call, stop);
        }
        catch (DiskException failure)
        {
            core.Events.StoreFailed(failure);
            var why = failure.Kind == DiskFault.Full ? "its disk is full" : "it cannot use its store";
            return HttpResponses.Text(503, $"this supernode cannot take that now: {why}; ask another one");
        }
    }

    private async Task<HttpResponse> RouteAsync(InboundRequest call, CancellationToken stop)
    {
        core.Counters.Requests++;
        return (call.Method, call.Path) switch
        {
            ("GET" or "HEAD", "/announce") => await redirects.RedirectAsync(call, "announce"),
            ("GET" or "HEAD", "/scrape") => await redirects.RedirectAsync(call, "scrape"),
            ("GET", "/lookup") => await lookups.LookupAsync(new Query(call.Query), stop),
            ("GET", "/place") => lookups.Place(new Query(call.Query)),
            ("POST", "/orders") => await lookups.OrdersAsync(call, stop),
            ("POST", "/receipts") => await lookups.ReceiptsAsync(call, stop),
            ("POST", "/record") => await records.PostAsync(call, stop),
            ("GET", "/record") => OwnRecord(),
            ("GET", "/records") => records.List(new Query(call.Query)),
            ("POST", "/exchange") => exchanges.Handle(call),
            ("GET", "/plants") => OwnHead(new Query(call.Query)),
            ("POST", "/submit") => await pages.SubmitAsync(call, stop),
            ("GET" or "HEAD", "/") => pages.Directory(),
            ("GET" or "HEAD", "/metrics") => HttpResponses.Metrics(PrometheusText.Write(pages.Metrics())),
            ("GET" or "HEAD", "/healthz") => pages.Health(),
            (_, "/receipts" or "/record" or "/orders" or "/exchange" or "/submit") => HttpResponses.Text(
                405,
                "POST it"
            ),
            (_, "/lookup" or "/place" or "/records" or "/plants" or "/metrics" or "/") => HttpResponses.Text(
                405,
                "GET it"
            ),
            _ => HttpResponses.Text(404, "a supernode of the Anatomic network has nothing at this path"),
        };
    }

    private HttpResponse OwnRecord() =>
        core.OwnRecord is { } record
            ? HttpResponses.Bencoded(200, record.Raw)
            : HttpResponses.Text(404, "this supernode has no public url and therefore no record");

    /// <summary>A supernode proves its id as a node does: by a head signed with the asker's nonce. Its manifest is empty.</summary>
    private HttpResponse OwnHead(Query query)
    {
        var hex = query.Text("nonce") ?? "";
        if (hex.Length > NonceChars || hex.Length % 2 != 0 || !hex.All(char.IsAsciiHexDigit))
        {
            return HttpResponses.Text(400, "nonce is no hexadecimal number of at most 32 bytes");
        }
        var head = core.Signer.Sign(
            new ManifestHead
            {
                Epoch = 0,
                Seq = 0,
                Floor = 0,
                Count = 0,
                Digest = default,
                RecordSeq = core.OwnRecord?.Item.Seq ?? 0,
                Nonce = Convert.FromHexString(hex),
                At = core.Now.ToUnixTimeMilliseconds(),
            }
        );
        return HttpResponses.Bencoded(200, new ManifestPage(head.Envelope, []).Write());
    }
}
