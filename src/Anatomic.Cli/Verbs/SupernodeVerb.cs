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
    /// <summary>Beside the usual port of nodes.</summary>
    private const string UsualPort = "6970";

    private readonly Option<string[]> listen = SharedFlags.Listen(UsualPort);
    private readonly Option<string> data = SharedFlags.ServerData();
    private readonly Option<string> net = SharedFlags.Net();

    private readonly Option<string[]> peers = new("--peer")
    {
        HelpName = "URL#ID",
        Description = "A supernode to exchange records with; repeatable; the id may be left out on private networks",
    };

    private readonly Option<string> publicUrl = ServerFlags.PublicUrl();

    private readonly Option<string> probation = new("--probation")
    {
        HelpName = "TIME",
        Description = "How long a node must be known before it is chosen [default: 1d, on private networks 0s]",
    };

    private readonly ProxyFlags front = new();

    private readonly TlsFlags tls = new();

    private readonly Option<bool> allowPrivate = SharedFlags.AllowPrivate(
        "Alone: the private network local-default, where private addresses are nodes like others"
    );

    private readonly OperatorFlags operating = new();

    public SupernodeVerb()
        : base(
            "supernode",
            "Run a supernode: the index and directory of a network",
            "anatomic supernode --listen 80 --public-url http://super.example/ --data /var/lib/anatomic",
            "anatomic supernode --listen 127.0.0.1:8080 --data /tmp/super --net local-try --allow-private"
        )
    {
        foreach (
            Option option in (Option[])
                [
                    listen,
                    data,
                    net,
                    peers,
                    publicUrl,
                    probation,
                    allowPrivate,
                    .. front.All,
                    .. tls.All,
                    .. operating.All,
                ]
        )
        {
            Add(option);
        }
        Unbuilt("--legacy", "the endpoints of 2005 are not answered yet");
        Unbuilt("--store", "the store is SQLite in the folder of --data");
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = ServerFlags.Network(context.Get(net), context.Get(allowPrivate));
        var options = new SupernodeHostOptions
        {
            Listen = FlagValues.Listen(context.Get(listen) is { Length: > 0 } words ? words : [UsualPort]),
            Supernode = new SupernodeOptions
            {
                Network = network.Name.Text,
                PublicUrl = context.Get(publicUrl) is { Length: > 0 } url
                    ? FlagValues.HttpUrl("--public-url", url)
                    : null,
                Peers = context.Get(peers) ?? [],
                Probation = context.Get(probation) is { Length: > 0 } time
                    ? FlagValues.Time("--probation", time)
                    : null,
            },
            UnixPaths = front.UnixPaths(context),
            TrustedProxies = front.Trusted(context),
            Drain = operating.Drain(context),
            ProcessMetrics = ProcessMetrics.Read,
        };
        var collector = operating.Collector(context);
        var eventLog = operating.EventLog(context);
        using var certificate = tls.Certificate(context, eventLog, operating.Remark(context));
        await using var world = context.OpenWorld(data, eventLog, certificate, front.ProxyProtocol(context));
        await using var host = await SupernodeHost.StartAsync(world, options, stop);
        await using var export = await OtlpExport.StartAsync(
            collector,
            "anatomic-supernode",
            host.Id,
            host.MetricsAsync
        );
        var own = options.Supernode.PublicUrl ?? host.Urls[0];
        return await ServerFlags.ServeAsync(
            context,
            world,
            ServerFlags.Places(host.Urls, options.UnixPaths),
            $"supernode of the network '{network.Name}'; others name it {own}#{host.Id}",
            host.Running,
            () => certificate?.Reload(),
            stop
        );
    }
}
