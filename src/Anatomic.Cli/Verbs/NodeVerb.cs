using System.CommandLine;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Operations;
using Anatomic.Hosting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>node</c>: runs a tracker of a network.</summary>
internal sealed class NodeVerb : Verb
{
    /// <summary>The port that trackers have used since the first ones.</summary>
    private const string UsualPort = "6969";

    private readonly Option<string[]> listen = SharedFlags.Listen(UsualPort);
    private readonly Option<string> data = SharedFlags.ServerData();
    private readonly Option<string[]> supernodes = SharedFlags.Supernodes();
    private readonly Option<string[]> publicUrls = new("--public-url")
    {
        HelpName = "URL",
        Description =
            "How others reach it, as http://host:port/; repeatable [default: the address that a supernode sees]",
    };
    private readonly Option<bool> open = new("--open") { Description = "Track torrents that nobody planted, too" };

    private readonly Option<string> deny = new("--deny")
    {
        HelpName = "FILE",
        Description = "Info-hashes never to track, one a line; read again when it changes",
    };

    private readonly Option<string> allow = new("--allow")
    {
        HelpName = "FILE",
        Description = "Info-hashes, one a line: all others are refused; read again when it changes",
    };

    private readonly Option<string[]> tokens = new("--token")
    {
        HelpName = "WORD",
        Description = "Take orders only from who knows this word; repeatable",
    };

    private readonly Option<string> net = SharedFlags.Net();

    private readonly ProxyFlags front = new();

    private readonly TlsFlags tls = new();

    private readonly TrackerFlags tracker = new();

    private readonly Option<bool> allowPrivate = SharedFlags.AllowPrivate(
        "Loopback and private addresses are peers and nodes like others; alone: the network local-default"
    );

    private readonly OperatorFlags operating = new();

    public NodeVerb()
        : base(
            "node",
            "Run a node: a tracker of a network, over HTTP and UDP",
            "anatomic node --listen 6969 --public-url http://node.example:6969/ --supernode https://super.example/#ID",
            "anatomic node --listen 127.0.0.1:6969 --data /tmp/node --supernode http://127.0.0.1:8080/ --net local-try --allow-private"
        )
    {
        foreach (
            Option option in (Option[])
                [
                    listen,
                    data,
                    supernodes,
                    publicUrls,
                    open,
                    deny,
                    allow,
                    tokens,
                    net,
                    allowPrivate,
                    .. front.All,
                    .. tls.All,
                    .. operating.All,
                ]
        )
        {
            Add(option);
        }
        tracker.AddTo(this);
        Unbuilt("--legacy", "the endpoints of 2005 are not answered yet");
        Unbuilt("--store", "swarms are in memory, plants in SQLite in the folder of --data");
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = ServerFlags.Network(context.Get(net), context.Get(allowPrivate));
        var collector = operating.Collector(context);
        var eventLog = operating.EventLog(context);
        var remark = operating.Remark(context);
        using var lists = AccessLists.Read(context, eventLog, remark, context.Get(deny), context.Get(allow));
        var options = new NodeHostOptions
        {
            Listen = FlagValues.Listen(context.Get(listen) is { Length: > 0 } words ? words : [UsualPort]),
            Network = network,
            Supernodes = context.Get(supernodes) ?? [],
            PublicUrls = [.. (context.Get(publicUrls) ?? []).Select(url => FlagValues.HttpUrl("--public-url", url))],
            Open = context.Get(open),
            Rules = lists.Rules,
            SnapshotPath = Path.Combine(context.StateFolder(data), "swarms.snapshot"),
            Remark = remark,
            AnnounceInterval = tracker.Interval(context),
            Tracker = tracker.Options(context, network.AllowsPrivate),
            Tokens = context.Get(tokens) ?? [],
            UnixPaths = front.UnixPaths(context),
            TrustedProxies = front.Trusted(context),
            Drain = operating.Drain(context),
            ProcessMetrics = ProcessMetrics.Read,
        };
        using var certificate = tls.Certificate(context, eventLog, remark);
        await using var world = context.OpenWorld(data, eventLog, certificate, front.ProxyProtocol(context));
        await using var host = await NodeHost.StartAsync(world, options, stop);
        lists.Watch(rules => host.Tracker.Rules = rules);
        await using var export = await OtlpExport.StartAsync(collector, "anatomic-node", host.Id, host.MetricsAsync);
        return await ServerFlags.ServeAsync(
            context,
            world,
            ServerFlags.Places(host.Urls, options.UnixPaths),
            $"node {host.Id} of the network '{network.Name}'; UDP at the same {(host.Urls.Count == 1 ? "port" : "ports")}",
            host.Running,
            () =>
            {
                lists.ReadAgain();
                certificate?.Reload();
            },
            stop
        );
    }
}
