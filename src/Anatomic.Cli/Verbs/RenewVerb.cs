using System.CommandLine;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Planting;
using Anatomic.Cli.Runtime;
using Anatomic.Federation.Planting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>renew</c>: plants a planted torrent again, with nodes chosen afresh.</summary>
internal sealed class RenewVerb : Verb
{
    private readonly Argument<string> source = new("FILE") { Description = "A torrent that this planter has planted" };

    private readonly Option<int?> nodes = new("--nodes")
    {
        HelpName = "N",
        Description = "How many nodes shall hold it, 1 to 12 [default: 3]",
    };

    private readonly Option<string> output = new("--output", "-o")
    {
        HelpName = "OUT",
        Description = "Where the renewed torrent goes [default: over FILE]",
    };

    private readonly PlanterFlags flags = new();

    public RenewVerb()
        : base("renew", "Plant a planted torrent again, on nodes chosen afresh", "anatomic renew holiday.torrent")
    {
        Add(source);
        Add(nodes);
        Add(output);
        flags.AddTo(this);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = flags.Network(context);
        await using var world = context.OpenWorld(flags.State);
        var options = new PlantOptions
        {
            Network = network.Name.Text,
            Nodes = context.Get(nodes) is { } wanted ? PlantVerb.NodesOf(wanted) : 3,
            Supernodes = await flags.SupernodesAsync(context, world, network, stop),
        };
        var from = context.FullPath(context.Get(source)!);
        if (!PlantRun.IsTorrent(from))
        {
            throw CliException.Arguments($"{context.Get(source)} is no .torrent file: name the planted torrent");
        }
        var to = context.Get(output) is { Length: > 0 } chosen ? context.FullPath(chosen) : from;
        return await PlantRun.PlantAsync(context, world, new PlantRequest(from, to, options), renew: true, stop);
    }
}
