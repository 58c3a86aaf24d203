using System.CommandLine;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Operations;
using Anatomic.Hosting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>node</c>: runs a tracker of a network.</summary>
internal sealed class NodeVerb : Verb
{
    /// <summary>The traditional port of BitTorrent trackers.</summary>
    private const string DefaultPort = "6969";

    private readonly Option<string[]> listen = SharedFlags.Listen(DefaultPort);
    private readonly Option<string> data = SharedFlags.ServerData();
    private readonly Option<string[]> supernodes = SharedFlags.Supernodes();

    private readonly Option<string[]> publicUrls = new("--public-url")
    {
        HelpName = "URL",
        Description = "How others reach it: http://host:port/; repeatable [default: the address that a supernode sees]",
    };

    private readonly Option<bool> open = new("--open") { Description = "Also track torrents that nobody planted" };

    private readonly Option<string> deny = new("--deny")
    {
        HelpName = "FILE",
        Description = "Never track these info-hashes, one per line; reloaded when the file changes",
    };

    private readonly Option<string> allow = new("--allow")
    {
        HelpName = "FILE",
        Description = "Track only these info-hashes, one per line; reloaded when the file changes",
    };

    private readonly Option<string[]> tokens = new("--token")
    {
        HelpName = "WORD",
        Description = "Accept orders only with this token; repeatable",
    };

    private readonly Option<string> net = SharedFlags.Net();

    private readonly Option<bool> allowPrivate = SharedFlags.AllowPrivate(
        "Accept loopback and private addresses; without --net, use the network local-default"
    );

    private readonly ProxyFlags proxies = new();
    private readonly TlsFlags tls = new();
    private readonly OperatorFlags operators = new();
    private readonly TrackerFlags tracker = new();

    public NodeVerb()
        : base(
            "node",
            "Run a node: a tracker of a network, over HTTP and UDP",
            "anatomic node --listen 6969 --public-url http://node.example:6969/ --supernode https://super.example/#ID",
            "anatomic node --listen 127.0.0.1:6969 --supernode http://127.0.0.1:8080/ --net local-try --data /tmp/node"
        )
    {
        AddFlags(listen, data, supernodes, publicUrls, open, deny, allow, tokens, net, allowPrivate);
        AddFlags([.. proxies.All, .. tls.All, .. operators.All, .. tracker.All]);
        AddNotImplemented("--legacy", "the node does not answer the endpoints of 2005");
        AddNotImplemented("--store", "swarms are kept in memory, orders in SQLite in the folder of --data");
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = SharedFlags.ParseNetwork(context.Get(net), context.Get(allowPrivate));
        var collector = operators.Collector(context);
        var eventLog = operators.EventLog(context);
        var warn = operators.Warnings(context);
        using var lists = AccessLists.Load(context, eventLog, warn, context.Get(deny), context.Get(allow));
        var options = new NodeHostOptions
        {
            Listen = FlagValues.Endpoints(context.Get(listen) is { Length: > 0 } chosen ? chosen : [DefaultPort]),
            Network = network,
            Supernodes = context.Get(supernodes) ?? [],
            PublicUrls = [.. (context.Get(publicUrls) ?? []).Select(url => FlagValues.HttpUrl("--public-url", url))],
            Open = context.Get(open),
            Rules = lists.Rules,
            SnapshotPath = Path.Combine(context.StateFolder(data), "swarms.snapshot"),
            Remark = warn,
            AnnounceInterval = tracker.Interval(context),
            Tracker = tracker.Options(context, network.AllowsPrivate),
            Tokens = context.Get(tokens) ?? [],
            UnixPaths = proxies.UnixPaths(context),
            TrustedProxies = proxies.Trusted(context),
            Drain = operators.Drain(context),
            ProcessMetrics = ProcessMetrics.Read,
        };
        using var certificate = tls.Certificate(context, eventLog, warn);
        await using var world = context.OpenWorld(data, eventLog, certificate, proxies.ProxyProtocol(context));
        await using var host = await NodeHost.StartAsync(world, options, stop);
        lists.Watch(rules => host.Tracker.Rules = rules);
        await using var export = await OtlpExport.StartAsync(collector, "anatomic-node", host.Id, host.MetricsAsync);
        var ports = host.Urls.Count == 1 ? "port" : "ports";
        return await ServerRun.RunAsync(
            context,
            world,
            ServerRun.Addresses(host.Urls, options.UnixPaths),
            $"node {host.Id} of the network '{network.Name}'; UDP on the same {ports}",
            host.Running,
            () =>
            {
                lists.Reload();
                certificate?.Reload();
            },
            stop
        );
    }
}
