using System.CommandLine;
using Anatomic.Cli.Display;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Federation;
using Anatomic.Hosting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>network</c>: manages the list of known supernodes.</summary>
internal static class NetworkVerbs
{
    public static Command Create() =>
        new("network", "Manage the supernodes that this machine knows")
        {
            new NetworkShowVerb(),
            new NetworkUpdateVerb(),
            new NetworkAddVerb(),
        };
}

internal abstract class NetworkVerb : Verb
{
    private readonly Option<string> net = SharedFlags.Net();
    private readonly Option<bool> allowPrivate = SharedFlags.AllowPrivate(
        "Without --net, use the private network local-default"
    );

    protected NetworkVerb(string name, string description, string example)
        : base(name, description, example)
    {
        AddFlags(net, allowPrivate, State, SharedFlags.Json());
    }

    protected Option<string> State { get; } = SharedFlags.State();

    protected NetworkOptions ReadNetwork(VerbContext context) =>
        SharedFlags.ParseNetwork(context.Get(net), context.Get(allowPrivate));
}

internal sealed class NetworkShowVerb()
    : NetworkVerb("show", "List the known supernodes of the network", "anatomic network show")
{
    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = ReadNetwork(context);
        await using var world = context.OpenWorld(State);
        var known = await SupernodeList.ReadAsync(world, network.Name, stop);
        foreach (var supernode in known)
        {
            context.Output.WriteEvent(
                "supernode",
                writer =>
                {
                    writer.WriteString("address", supernode.Address);
                    writer.WriteBoolean("pinned", supernode.IsPinned);
                },
                $"{(supernode.IsPinned ? "pinned " : "learned")}  {supernode.Address}"
            );
        }
        if (known.Count == 0)
        {
            context.Output.WriteWarning(
                $"no supernode of the network '{network.Name}' is known: add one with 'anatomic network add URL#id'"
            );
        }
        return ExitStatus.Success;
    }
}

internal sealed class NetworkUpdateVerb()
    : NetworkVerb(
        "update",
        "Add supernodes that at least two pinned ones name; pinned ones are never dropped",
        "anatomic network update"
    )
{
    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = ReadNetwork(context);
        await using var world = context.OpenWorld(State);
        var update = await SupernodeList.UpdateAsync(world, network, stop);
        foreach (var failure in update.Failures)
        {
            context.Output.WriteWarning(failure);
        }
        context.Output.WriteEvent(
            "complete",
            writer =>
            {
                writer.WritePropertyName("taken");
                writer.WriteStringArray(update.Added);
                writer.WritePropertyName("dropped");
                writer.WriteStringArray(update.Dropped);
            },
            $"updated: {update.Added.Count} new, {update.Dropped.Count} dropped"
        );
        return ExitStatus.Success;
    }
}

internal sealed class NetworkAddVerb : NetworkVerb
{
    private readonly Argument<string> supernode = new("URL#ID")
    {
        Description = "A supernode; the id is optional on private networks",
    };

    public NetworkAddVerb()
        : base("add", "Pin a supernode after it has proven its id", "anatomic network add https://super.example/#ID") =>
        Add(supernode);

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = ReadNetwork(context);
        await using var world = context.OpenWorld(State);
        var proven = await SupernodeList.PinAsync(world, network, context.Get(supernode)!, stop);
        context.Output.WriteEvent("complete", writer => writer.WriteString("address", proven), $"pinned: {proven}");
        return ExitStatus.Success;
    }
}
