using System.CommandLine;
using Anatomic.Cli.Display;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Federation.Planting;
using Anatomic.World;

namespace Anatomic.Cli.Verbs;

/// <summary><c>unplant</c>: permanently withdraws a torrent from the network.</summary>
internal sealed class UnplantVerb : Verb
{
    private readonly Argument<string> source = new("FILE") { Description = "A torrent that was planted with your key" };
    private readonly PlanterFlags flags = new();

    public UnplantVerb()
        : base("unplant", "Permanently withdraw a planted torrent from the network", "anatomic unplant holiday.torrent")
    {
        Add(source);
        flags.AddTo(this);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = flags.Network(context);
        await using var world = context.OpenWorld(flags.State);
        var torrent = await TorrentSource.ReadFileAsync(context, world, context.Get(source)!, stop);
        var options = new PlantOptions
        {
            Network = network.Name.Text,
            Supernodes = await flags.SupernodesAsync(context, world, network, stop),
        };
        var result = await world
            .Loops.All[0]
            .RunAsync<UnplantResult>(async () =>
                await new Planter(world, await PlanterKey.OpenAsync(world, stop)).UnplantAsync(torrent, options, stop)
            );
        var nodes = HumanFormat.Count(result.Withdrawn.Count, "node");
        var text = $"unplanted: {torrent.Info.Name} from {nodes}";
        context.Output.WriteEvent(
            "complete",
            writer =>
            {
                writer.WriteNumber("orders", result.Orders.Count);
                writer.WriteNumber("withdrawn", result.Withdrawn.Count);
                writer.WriteNumber("unreached", result.Unreached.Count);
            },
            result.Unreached.Count == 0
                ? text
                : $"{text}; {result.Unreached.Count} did not answer and will learn of it from the others"
        );
        return ExitStatus.Success;
    }
}
