using System.CommandLine;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Engine.Sessions;
using Anatomic.Engine.Settings;
using Anatomic.Hosting;
using Anatomic.World;

namespace Anatomic.Cli.Flags;

/// <summary>The flags that <c>get</c> and <c>seed</c> share, and the session that they ask for.</summary>
internal sealed class TransferFlags
{
    /// <summary>The port that clients have used since the first one.</summary>
    public const int UsualPort = 6881;

    // Whoever reads or changes the list has it for milliseconds; transfers that start together wait for each other.
    private static readonly TimeSpan ListPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ListPause = TimeSpan.FromMilliseconds(50);

    private readonly Option<string[]> supernodes = SharedFlags.Supernodes();
    private readonly Option<string> net = SharedFlags.Net();

    private readonly Option<string[]> listen = SharedFlags.Listen($"{UsualPort}, or a free port when it is in use");

    private readonly Option<bool> allowPrivate = SharedFlags.AllowPrivate(
        "Dial loopback and private addresses that trackers name"
    );

    private readonly Option<string> limitDown = new("--limit-down")
    {
        HelpName = "RATE",
        Description = "Most bytes a second received, as 500K or 2M",
    };

    private readonly Option<string> limitUp = new("--limit-up")
    {
        HelpName = "RATE",
        Description = "Most bytes a second sent",
    };

    private readonly Option<string> encryption = new("--encryption")
    {
        HelpName = "off|prefer|require",
        Description = "Connections are plain as yet: require is refused",
    };

    private readonly Option<string> state = SharedFlags.State();

    private readonly Option<bool> json = SharedFlags.Json();

    /// <summary>Peers given by hand.</summary>
    public Option<string[]> Peers { get; } =
        new("--peer") { HelpName = "HOST:PORT", Description = "A peer to dial at once; repeatable" };

    public Option<string> State => state;

    public void AddTo(Command verb)
    {
        foreach (
            Option option in (Option[])[Peers, listen, limitDown, limitUp, allowPrivate, net, supernodes, encryption]
        )
        {
            verb.Add(option);
        }
        // What they switch off is not built yet, so they are true already.
        foreach (
            var (flag, what) in (ReadOnlySpan<(string, string)>)
                [
                    ("--no-dht", "the distributed hash table"),
                    ("--no-lsd", "local discovery"),
                    ("--no-pex", "peer exchange"),
                    ("--no-utp", "uTP"),
                ]
        )
        {
            verb.Add(new Option<bool>(flag) { Description = $"Without {what}" });
        }
        verb.Add(state);
        verb.Add(json);
    }

    /// <exception cref="CliException">A word makes no sense, or asks for what is not built.</exception>
    public SessionOptions Session(VerbContext context)
    {
        CheckEncryption(context);
        return new SessionOptions
        {
            Listen = context.Get(listen) is { Length: > 0 } words
                ? FlagValues.Listen(words)
                : FlagValues.Listen([$"{UsualPort}"]),
            AllowPrivate = context.Get(allowPrivate),
            MaxDownloadBytesPerSecond = Limit(context, limitDown),
            MaxUploadBytesPerSecond = Limit(context, limitUp),
        };
    }

    public bool ListenIsChosen(VerbContext context) => context.IsGiven(listen);

    /// <summary>The network whose supernodes are asked when all trackers fail.</summary>
    public string NetworkOf(VerbContext context) =>
        ServerFlags.Network(context.Get(net), context.Get(net) is null && context.Get(allowPrivate)).Name.Text;

    /// <summary>Whom to ask beside those that the torrent names: what was said, else this machine's list.</summary>
    public async Task<IReadOnlyList<string>> SupernodesAsync(VerbContext context, IWorld world, CancellationToken stop)
    {
        if (context.Get(supernodes) is { Length: > 0 } named)
        {
            return named;
        }
        var network = ServerFlags.Network(NetworkOf(context), allowPrivate: false);
        var began = world.Clock.GetTimestamp();
        while (true)
        {
            try
            {
                return [.. (await SupernodeList.ReadAsync(world, network.Name, stop)).Select(known => known.Address)];
            }
            catch (DiskException fault)
                when (fault.Kind == DiskFault.InUse && world.Clock.GetElapsedTime(began) < ListPatience)
            {
                await Task.Delay(ListPause, world.Clock, stop);
            }
        }
    }

    /// <summary>Peers as <c>HOST:PORT</c>, checked for their form.</summary>
    public IReadOnlyList<string> PeersOf(VerbContext context)
    {
        var peers = context.Get(Peers) ?? [];
        foreach (var peer in peers)
        {
            var colon = peer.LastIndexOf(':');
            if (colon < 1 || !ushort.TryParse(peer.AsSpan(colon + 1), out var port) || port == 0)
            {
                throw CliException.Arguments($"--peer {peer} is no peer: write HOST:PORT, as in --peer 192.0.2.7:6881");
            }
        }
        return peers;
    }

    private void CheckEncryption(VerbContext context)
    {
        switch (context.Get(encryption))
        {
            case null or "" or "off":
                return;
            case "prefer":
                context.ConsoleOutput.Remark("encryption is not built yet: all connections are plain");
                return;
            case "require":
                throw CliException.NotBuilt(
                    "--encryption require",
                    "connections are plain as yet, so nothing was started: use --encryption off"
                );
            case var other:
                throw CliException.Arguments($"--encryption {other} is not known: say off, prefer or require");
        }
    }

    private static long Limit(VerbContext context, Option<string> flag) =>
        context.Get(flag) is { Length: > 0 } word ? FlagValues.Bytes(flag.Name, word) : 0;
}
