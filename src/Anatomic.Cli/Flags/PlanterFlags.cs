using System.CommandLine;
using Anatomic.Cli.Invocation;
using Anatomic.Federation;
using Anatomic.Hosting;
using Anatomic.World;

namespace Anatomic.Cli.Flags;

/// <summary>
/// The flags that <c>plant</c>, <c>unplant</c> and <c>renew</c> share: the network and its supernodes.
/// </summary>
internal sealed class PlanterFlags
{
    private readonly Option<string[]> supernodes = SharedFlags.Supernodes();
    private readonly Option<string> net = SharedFlags.Net();

    private readonly Option<bool> allowPrivate = SharedFlags.AllowPrivate(
        "Without --net, use the private network local-default, which accepts addresses like 127.0.0.1"
    );

    public Option<string> State { get; } = SharedFlags.State();

    public void AddTo(Verb verb) => verb.AddFlags(supernodes, net, allowPrivate, State, SharedFlags.Json());

    public NetworkOptions Network(VerbContext context) =>
        SharedFlags.ParseNetwork(context.Get(net), context.Get(allowPrivate));

    /// <summary>The supernodes of the flags, or else those in this machine's list.</summary>
    public async Task<IReadOnlyList<string>> SupernodesAsync(
        VerbContext context,
        IWorld world,
        NetworkOptions network,
        CancellationToken stop
    )
    {
        if (context.Get(supernodes) is { Length: > 0 } fromFlags)
        {
            return fromFlags;
        }
        var known = await SupernodeList.ReadAsync(world, network.Name, stop);
        return [.. known.Select(supernode => supernode.Address)];
    }
}
