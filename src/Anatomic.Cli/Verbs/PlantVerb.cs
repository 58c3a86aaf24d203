using System.CommandLine;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Planting;
using Anatomic.Cli.Runtime;
using Anatomic.Federation.Planting;
using Anatomic.Wire;

namespace Anatomic.Cli.Verbs;

/// <summary><c>plant</c>: registers a torrent on nodes of the network and adds their addresses to the file.</summary>
internal sealed class PlantVerb : Verb
{
    private readonly Argument<string?> source = new("FILE|PATH")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "A .torrent file, or data to create one from; if omitted on a terminal, a wizard asks",
    };

    private readonly Option<int?> nodes = SharedFlags.Nodes();

    private readonly Option<string> output = new("--output", "-o")
    {
        HelpName = "OUT",
        Description = "Planted torrent to write [default: the torrent itself; for data, NAME.torrent in this folder]",
    };

    private readonly Option<bool> replace = new("--replace-trackers")
    {
        Description = "Replace the torrent's trackers instead of appending to them",
    };

    private readonly Option<bool> privateOk = new("--private-ok")
    {
        Description = "Plant a private torrent although its tracker forbids other trackers",
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
        AddFlags(nodes, output, replace, privateOk);
        flags.AddTo(this);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = flags.Network(context);
        await using var world = context.OpenWorld(flags.State);
        var options = new PlantOptions
        {
            Network = network.Name.Text,
            Nodes = context.Get(nodes) is { } wanted ? FlagValues.NodeCount(wanted) : NetworkLimits.DefaultWant,
            Supernodes = await flags.SupernodesAsync(context, world, network, stop),
            ReplaceTrackers = context.Get(replace),
            PrivateOk = context.Get(privateOk),
        };
        PlantRequest request;
        if (context.Get(source) is { Length: > 0 } path)
        {
            var from = context.FullPath(path);
            var to = context.Get(output) is { Length: > 0 } chosen
                ? context.FullPath(chosen)
                : PlantRun.DefaultOutput(context, from);
            request = new PlantRequest(from, to, options);
        }
        else if (context.Environment.IsInteractive && !context.Output.IsJson)
        {
            request = await new PlantWizard(context, world.Disk).AskAsync(options, stop);
        }
        else
        {
            throw CliException.UsageError(
                "give a torrent file or data, as in 'anatomic plant holiday.torrent'; the wizard needs a terminal"
            );
        }
        return await PlantRun.PlantAsync(context, world, request, renew: false, stop);
    }
}
