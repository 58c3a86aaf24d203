using System.CommandLine;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Federation.Planting;
using Anatomic.World;

namespace Anatomic.Cli.Verbs;

/// <summary><c>unplant</c>: takes a torrent back from the network, for ever.</summary>
internal sealed class UnplantVerb : Verb
{
    private readonly Argument<string> source = new("FILE") { Description = "A torrent that this planter has planted" };
    private readonly PlanterFlags flags = new();

    public UnplantVerb()
        : base("unplant", "Take a planted torrent back from the network", "anatomic unplant holiday.torrent")
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
        var text = $"unplanted: {torrent.Info.Name} from {result.Withdrawn.Count} nodes";
        context.ConsoleOutput.Event(
            "complete",
            writer =>
            {
                writer.WriteNumber("orders", result.Orders.Count);
                writer.WriteNumber("withdrawn", result.Withdrawn.Count);
                writer.WriteNumber("unreached", result.Unreached.Count);
            },
            result.Unreached.Count == 0
                ? text
                : $"{text}; {result.Unreached.Count} did not answer and will hear of it from the others"
        );
        return ExitStatus.Success;
    }
}
