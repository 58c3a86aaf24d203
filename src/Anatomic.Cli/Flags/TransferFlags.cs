using System.CommandLine;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Engine.Settings;
using Anatomic.Hosting;
using Anatomic.World;

namespace Anatomic.Cli.Flags;

/// <summary>The flags that <c>get</c> and <c>seed</c> share, and the session that they configure.</summary>
internal sealed class TransferFlags
{
    /// <summary>BitTorrent's traditional port (BEP 3).</summary>
    public const int DefaultPort = 6881;

    // Other processes hold the supernode list for milliseconds, so transfers that start together wait for each other.
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ListRetryDelay = TimeSpan.FromMilliseconds(50);

    private readonly Option<string[]> peers = new("--peer")
    {
        HelpName = "HOST:PORT",
        Description = "Peer to connect to at once; repeatable",
    };

    private readonly Option<string[]> listen = SharedFlags.Listen($"{DefaultPort}, or a free port if it is in use");

    private readonly Option<string> limitDown = new("--limit-down")
    {
        HelpName = "RATE",
        Description = "Maximum download rate, bytes per second, such as 500K or 2M",
    };

    private readonly Option<string> limitUp = new("--limit-up")
    {
        HelpName = "RATE",
        Description = "Maximum upload rate, bytes per second",
    };

    private readonly Option<bool> allowPrivate = SharedFlags.AllowPrivate(
        "Connect to loopback and private addresses that trackers return"
    );

    private readonly Option<string> net = SharedFlags.Net();
    private readonly Option<string[]> supernodes = SharedFlags.Supernodes();

    private readonly Option<string> encryption = new("--encryption")
    {
        HelpName = "off|prefer|require",
        Description = "Connections are not encrypted yet, so require is rejected",
    };

    public Option<string> State { get; } = SharedFlags.State();

    public void AddTo(Verb verb)
    {
        verb.AddFlags(peers, listen, limitDown, limitUp, allowPrivate, net, supernodes, encryption);
        // These features do not exist yet, so nothing has to read the flags that would disable them.
        foreach (
            var (flag, feature) in (ReadOnlySpan<(string, string)>)
                [
                    ("--no-dht", "the distributed hash table"),
                    ("--no-lsd", "local service discovery"),
                    ("--no-pex", "peer exchange"),
                    ("--no-utp", "uTP"),
                ]
        )
        {
            verb.Add(new Option<bool>(flag) { Description = $"No effect yet: {feature} is not implemented" });
        }
        verb.AddFlags(State, SharedFlags.Json());
        verb.AddNotImplemented("--proxy", "the transfer was not started, because it would reveal your address");
        verb.AddNotImplemented(
            "--bind",
            "the transfer was not started, because it would use other interfaces; "
                + "--listen ADDR:PORT chooses where to listen"
        );
    }

    /// <exception cref="CliException">A value is invalid or not implemented.</exception>
    public SessionOptions Session(VerbContext context)
    {
        CheckEncryption(context);
        return new SessionOptions
        {
            Listen = FlagValues.Endpoints(context.Get(listen) is { Length: > 0 } chosen ? chosen : [$"{DefaultPort}"]),
            AllowPrivate = context.Get(allowPrivate),
            MaxDownloadBytesPerSecond = Limit(context, limitDown),
            MaxUploadBytesPerSecond = Limit(context, limitUp),
        };
    }

    public bool ListenIsSet(VerbContext context) => context.IsSet(listen);

    /// <summary>The network whose supernodes are queried when all trackers fail.</summary>
    public string Network(VerbContext context) =>
        SharedFlags.ParseNetwork(context.Get(net), context.Get(net) is null && context.Get(allowPrivate)).Name.Text;

    /// <summary>
    /// Supernodes to query besides those in the torrent: from the flags, or else this machine's list.
    /// </summary>
    public async Task<IReadOnlyList<string>> SupernodesAsync(VerbContext context, IWorld world, CancellationToken stop)
    {
        if (context.Get(supernodes) is { Length: > 0 } fromFlags)
        {
            return fromFlags;
        }
        var network = SharedFlags.ParseNetwork(Network(context), allowPrivate: false);
        var began = world.Clock.GetTimestamp();
        while (true)
        {
            try
            {
                return [.. (await SupernodeList.ReadAsync(world, network.Name, stop)).Select(known => known.Address)];
            }
            catch (DiskException fault)
                when (fault.Kind == DiskFault.InUse && world.Clock.GetElapsedTime(began) < ListTimeout)
            {
                await Task.Delay(ListRetryDelay, world.Clock, stop);
            }
        }
    }

    /// <summary>The peers of <c>--peer</c>, as <c>HOST:PORT</c>.</summary>
    public IReadOnlyList<string> Peers(VerbContext context) => [.. (context.Get(peers) ?? []).Select(FlagValues.Peer)];

    private void CheckEncryption(VerbContext context)
    {
        switch (context.Get(encryption))
        {
            case null or "" or "off":
                return;
            case "prefer":
                context.Output.WriteWarning("encryption is not implemented yet: no connection is encrypted");
                return;
            case "require":
                throw CliException.NotImplemented(
                    "--encryption require",
                    "the transfer was not started, because connections are not encrypted: use --encryption off"
                );
            case var other:
                throw CliException.UsageError($"--encryption {other} is unknown: use off, prefer or require");
        }
    }

    private static long Limit(VerbContext context, Option<string> flag) =>
        context.Get(flag) is { Length: > 0 } value ? FlagValues.Bytes(flag.Name, value) : 0;
}
