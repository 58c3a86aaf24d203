using System.CommandLine;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Planting;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Federation.Planting;
using Anatomic.Wire;

namespace Anatomic.Cli.Verbs;

/// <summary><c>renew</c>: plants a planted torrent again, on newly chosen nodes.</summary>
internal sealed class RenewVerb : Verb
{
    private readonly Argument<string> source = new("FILE") { Description = "A torrent that was planted with your key" };

    private readonly Option<int?> nodes = SharedFlags.Nodes();

    private readonly Option<string> output = new("--output", "-o")
    {
        HelpName = "OUT",
        Description = "Renewed torrent to write [default: FILE itself]",
    };

    private readonly PlanterFlags flags = new();

    public RenewVerb()
        : base("renew", "Plant a planted torrent again, on newly chosen nodes", "anatomic renew holiday.torrent")
    {
        Add(source);
        AddFlags(nodes, output);
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
        };
        var from = context.FullPath(context.Get(source)!);
        if (!TorrentFiles.IsTorrentFile(from))
        {
            throw CliException.UsageError($"{context.Get(source)} is not a .torrent file: give the planted torrent");
        }
        var to = context.Get(output) is { Length: > 0 } chosen ? context.FullPath(chosen) : from;
        return await PlantRun.PlantAsync(context, world, new PlantRequest(from, to, options), renew: true, stop);
    }
}
