using System.CommandLine;
using Anatomic.Engine.Sessions;
using Anatomic.Hosting;
using Anatomic.World;

namespace Anatomic.Cli.Verbs;

/// <summary>The flags that <c>get</c> and <c>seed</c> share, and the session that they ask for.</summary>
internal sealed class TransferFlags
{
    /// <summary>The port that clients have used since the first one.</summary>
    public const int UsualPort = 6881;

    // Whoever reads or changes the list has it for milliseconds; transfers that start together wait for each other.
    private static readonly TimeSpan ListPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ListPause = TimeSpan.FromMilliseconds(50);

    private readonly Option<string[]> supernodes = Flags.Supernodes();
    private readonly Option<string> net = Flags.Net();

    private readonly Option<string[]> listen = Flags.Listen($"{UsualPort}, or a free port when it is in use");

    private readonly Option<bool> allowPrivate = Flags.AllowPrivate(
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

    private readonly Option<string> state = Flags.State();

    private readonly Option<bool> json = Flags.Json();

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
    public SessionOptions Session(Call call)
    {
        CheckEncryption(call);
        return new SessionOptions
        {
            Listen = call.Get(listen) is { Length: > 0 } words ? Words.Listen(words) : Words.Listen([$"{UsualPort}"]),
            AllowPrivate = call.Get(allowPrivate),
            MaxDownBytesPerSecond = Limit(call, limitDown),
            MaxUpBytesPerSecond = Limit(call, limitUp),
        };
    }

    public bool ListenIsChosen(Call call) => call.IsGiven(listen);

    /// <summary>The network whose supernodes are asked when all trackers fail.</summary>
    public string NetworkOf(Call call) =>
        ServerFlags.Network(call.Get(net), call.Get(net) is null && call.Get(allowPrivate)).Name.Text;

    /// <summary>Whom to ask beside those that the torrent names: what was said, else this machine's list.</summary>
    public async Task<IReadOnlyList<string>> SupernodesAsync(Call call, IWorld world, CancellationToken stop)
    {
        if (call.Get(supernodes) is { Length: > 0 } named)
        {
            return named;
        }
        var network = ServerFlags.Network(NetworkOf(call), allowPrivate: false);
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
    public IReadOnlyList<string> PeersOf(Call call)
    {
        var peers = call.Get(Peers) ?? [];
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

    private void CheckEncryption(Call call)
    {
        switch (call.Get(encryption))
        {
            case null or "" or "off":
                return;
            case "prefer":
                call.Reporter.Remark("encryption is not built yet: all connections are plain");
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

    private static long Limit(Call call, Option<string> flag) =>
        call.Get(flag) is { Length: > 0 } word ? Words.Bytes(flag.Name, word) : 0;
}
