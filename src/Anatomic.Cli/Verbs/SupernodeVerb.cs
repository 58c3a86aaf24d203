using System.CommandLine;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Operations;
using Anatomic.Federation.Supernodes;
using Anatomic.Hosting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>supernode</c>: runs the index and directory of a network.</summary>
internal sealed class SupernodeVerb : Verb
{
    /// <summary>One above the default port of nodes, so that both run on one machine.</summary>
    private const string DefaultPort = "6970";

    private readonly Option<string[]> listen = SharedFlags.Listen(DefaultPort);
    private readonly Option<string> data = SharedFlags.ServerData();
    private readonly Option<string> net = SharedFlags.Net();

    private readonly Option<string[]> peers = new("--peer")
    {
        HelpName = "URL#ID",
        Description = "Supernode to exchange records with; the id is optional on private networks; repeatable",
    };

    private readonly Option<string> publicUrl = new("--public-url")
    {
        HelpName = "URL",
        Description = "How others reach it: http://host:port/ [default on private networks: its first address]",
    };

    private readonly Option<string> probation = new("--probation")
    {
        HelpName = "TIME",
        Description = "How long a node must be known before it is chosen [default: 1d; 0s on private networks]",
    };

    private readonly Option<bool> allowPrivate = SharedFlags.AllowPrivate(
        "Without --net, use the private network local-default, which accepts private addresses"
    );

    private readonly ProxyFlags proxies = new();
    private readonly TlsFlags tls = new();
    private readonly OperatorFlags operators = new();

    public SupernodeVerb()
        : base(
            "supernode",
            "Run a supernode: the index and directory of a network",
            "anatomic supernode --listen 80 --public-url http://super.example/ --data /var/lib/anatomic",
            "anatomic supernode --listen 127.0.0.1:8080 --data /tmp/super --net local-try --allow-private"
        )
    {
        AddFlags(listen, data, net, peers, publicUrl, probation, allowPrivate);
        AddFlags([.. proxies.All, .. tls.All, .. operators.All]);
        AddNotImplemented("--legacy", "the supernode does not answer the endpoints of 2005");
        AddNotImplemented("--store", "the store is SQLite in the folder of --data");
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = SharedFlags.ParseNetwork(context.Get(net), context.Get(allowPrivate));
        var options = new SupernodeHostOptions
        {
            Listen = FlagValues.Endpoints(context.Get(listen) is { Length: > 0 } chosen ? chosen : [DefaultPort]),
            Supernode = new SupernodeOptions
            {
                Network = network.Name.Text,
                PublicUrl = context.Get(publicUrl) is { Length: > 0 } url
                    ? FlagValues.HttpUrl("--public-url", url)
                    : null,
                Peers = context.Get(peers) ?? [],
                Probation = context.Get(probation) is { Length: > 0 } time
                    ? FlagValues.Duration("--probation", time)
                    : null,
            },
            UnixPaths = proxies.UnixPaths(context),
            TrustedProxies = proxies.Trusted(context),
            Drain = operators.Drain(context),
            ProcessMetrics = ProcessMetrics.Read,
        };
        var collector = operators.Collector(context);
        var eventLog = operators.EventLog(context);
        using var certificate = tls.Certificate(context, eventLog, operators.Warnings(context));
        await using var world = context.OpenWorld(data, eventLog, certificate, proxies.ProxyProtocol(context));
        await using var host = await SupernodeHost.StartAsync(world, options, stop);
        await using var export = await OtlpExport.StartAsync(
            collector,
            "anatomic-supernode",
            host.Id,
            host.MetricsAsync
        );
        var own = options.Supernode.PublicUrl ?? host.Urls[0];
        return await ServerRun.RunAsync(
            context,
            world,
            ServerRun.Addresses(host.Urls, options.UnixPaths),
            $"supernode of the network '{network.Name}'; others use {own}#{host.Id}",
            host.Running,
            () => certificate?.Reload(),
            stop
        );
    }
}
