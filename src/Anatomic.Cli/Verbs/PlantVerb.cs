using System.CommandLine;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Planting;
using Anatomic.Cli.Runtime;
using Anatomic.Federation.Planting;
using Anatomic.Wire;

namespace Anatomic.Cli.Verbs;

/// <summary><c>plant</c>: puts a torrent on nodes of the network and their addresses into the file.</summary>
internal sealed class PlantVerb : Verb
{
    private readonly Argument<string?> source = new("FILE|PATH")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "A .torrent file, or a file or folder to make one of; without it, on a terminal, you are asked",
    };

    private readonly Option<int?> nodes = new("--nodes")
    {
        HelpName = "N",
        Description = "How many nodes shall hold it, 1 to 12 [default: 3]",
    };

    private readonly Option<string> output = new("--output", "-o")
    {
        HelpName = "OUT",
        Description = "Where the planted torrent goes [default: over the torrent; of data NAME.torrent in this folder]",
    };

    private readonly Option<bool> replace = new("--replace-trackers")
    {
        Description = "The network's trackers in the place of the torrent's own instead of behind them",
    };

    private readonly Option<bool> privateOk = new("--private-ok")
    {
        Description = "Plant a private torrent, too, though its own tracker forbids others",
    };

    private readonly PlanterFlags flags = new();

    public PlantVerb()
        : base(
            "plant",
            "Plant a torrent on nodes of the network",
            "anatomic plant",
            "anatomic plant holiday.torrent --supernode https://super.example/#ID",
            "anatomic plant ~/videos/holiday.mkv -o holiday.torrent --nodes 5"
        )
    {
        Add(source);
        foreach (Option option in (Option[])[nodes, output, replace, privateOk])
        {
            Add(option);
        }
        flags.AddTo(this);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = flags.Network(context);
        await using var world = context.OpenWorld(flags.State);
        var options = new PlantOptions
        {
            Network = network.Name.Text,
            Nodes = context.Get(nodes) is { } wanted ? NodesOf(wanted) : NetworkLimits.DefaultWant,
            Supernodes = await flags.SupernodesAsync(context, world, network, stop),
            ReplaceTrackers = context.Get(replace),
            PrivateOk = context.Get(privateOk),
        };
        PlantRequest request;
        if (context.Get(source) is { Length: > 0 } named)
        {
            var from = context.FullPath(named);
            var to = context.Get(output) is { Length: > 0 } chosen
                ? context.FullPath(chosen)
                : PlantRun.DefaultTarget(context, from);
            request = new PlantRequest(from, to, options);
        }
        else if (context.ProcessEnvironment.CanAsk && !context.ConsoleOutput.Json)
        {
            request = new PlantWizard(context, world.Disk).Ask(options);
        }
        else
        {
            throw CliException.Arguments(
                "name a torrent file or the data to plant, as in 'anatomic plant holiday.torrent'; on a terminal you are asked"
            );
        }
        return await PlantRun.PlantAsync(context, world, request, renew: false, stop);
    }

    internal static int NodesOf(int wanted) =>
        wanted is >= 1 and <= 12 ? wanted : throw CliException.Arguments($"--nodes {wanted} is not within 1 and 12");
}
