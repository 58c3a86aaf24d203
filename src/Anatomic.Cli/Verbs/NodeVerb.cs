using System.CommandLine;
using Anatomic.Cli.Operating;
using Anatomic.Hosting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>node</c>: runs a tracker of a network.</summary>
internal sealed class NodeVerb : Verb
{
    /// <summary>The port that trackers have used since the first ones.</summary>
    private const string UsualPort = "6969";

    private readonly Option<string[]> listen = Flags.Listen(UsualPort);
    private readonly Option<string> data = Flags.ServerData();
    private readonly Option<string[]> supernodes = Flags.Supernodes();
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

    private readonly Option<string> net = Flags.Net();

    private readonly FrontFlags front = new();

    private readonly TlsFlags tls = new();

    private readonly TrackerFlags tracker = new();

    private readonly Option<bool> allowPrivate = Flags.AllowPrivate(
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

    public override async Task<int> RunAsync(Call call, CancellationToken stop)
    {
        var network = ServerFlags.Network(call.Get(net), call.Get(allowPrivate));
        var collector = operating.Collector(call);
        var journal = operating.Journal(call);
        var remark = operating.Remark(call);
        using var lists = OperatorLists.Read(call, journal, remark, call.Get(deny), call.Get(allow));
        var options = new NodeHostOptions
        {
            Listen = Words.Listen(call.Get(listen) is { Length: > 0 } words ? words : [UsualPort]),
            Network = network,
            Supernodes = call.Get(supernodes) ?? [],
            PublicUrls = [.. (call.Get(publicUrls) ?? []).Select(url => Words.HttpUrl("--public-url", url))],
            Open = call.Get(open),
            Rules = lists.Rules,
            SnapshotPath = Path.Combine(call.StateFolder(data), "swarms.snapshot"),
            Remark = remark,
            AnnounceInterval = tracker.Interval(call),
            Tracker = tracker.Options(call, network.AllowsPrivate),
            Tokens = call.Get(tokens) ?? [],
            UnixPaths = front.UnixPaths(call),
            TrustedProxies = front.Trusted(call),
            Drain = operating.Drain(call),
            ProcessMetrics = ProcessMetrics.Read,
        };
        using var certificate = tls.Certificate(call, journal, remark);
        await using var world = call.OpenWorld(data, journal, certificate, front.ProxyProtocol(call));
        await using var host = await NodeHost.StartAsync(world, options, stop);
        lists.Watch(rules => host.Tracker.Rules = rules);
        await using var export = await OtlpExport.StartAsync(collector, "anatomic-node", host.Id, host.MetricsAsync);
        return await ServerFlags.ServeAsync(
            call,
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
