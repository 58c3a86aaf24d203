using System.CommandLine;
using Anatomic.Cli.Invocation;
using Anatomic.Federation;
using Anatomic.Hosting;
using Anatomic.World;

namespace Anatomic.Cli.Flags;

/// <summary>What <c>plant</c>, <c>unplant</c> and <c>renew</c> have in common: the network and its supernodes.</summary>
internal sealed class PlanterFlags
{
    private readonly Option<string[]> supernodes = SharedFlags.Supernodes();
    private readonly Option<string> net = SharedFlags.Net();

    private readonly Option<bool> allowPrivate = SharedFlags.AllowPrivate(
        "Alone: the private network local-default, where addresses like 127.0.0.1 are welcome"
    );

    public Option<string> State { get; } = SharedFlags.State();

    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[supernodes, net, allowPrivate, State, SharedFlags.Json()])
        {
            verb.Add(option);
        }
    }

    public NetworkOptions Network(VerbContext context) =>
        ServerFlags.Network(context.Get(net), context.Get(allowPrivate));

    /// <summary>Those that were named; else those of this machine's list.</summary>
    public async Task<IReadOnlyList<string>> SupernodesAsync(
        VerbContext context,
        IWorld world,
        NetworkOptions network,
        CancellationToken stop
    )
    {
        if (context.Get(supernodes) is { Length: > 0 } named)
        {
            return named;
        }
        var known = await SupernodeList.ReadAsync(world, network.Name, stop);
        return [.. known.Select(supernode => supernode.Address)];
    }
}
