using System.CommandLine;
using Anatomic.Cli.Display;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Federation;
using Anatomic.Hosting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>network</c>: the directory as this client sees it.</summary>
internal static class NetworkVerbs
{
    public static Command Create() =>
        new("network", "The supernodes that this machine knows")
        {
            new NetworkShowVerb(),
            new NetworkUpdateVerb(),
            new NetworkAddVerb(),
        };
}

internal abstract class NetworkVerb : Verb
{
    private readonly Option<string> net = SharedFlags.Net();
    private readonly Option<bool> allowPrivate = SharedFlags.AllowPrivate("Alone: the private network local-default");

    protected NetworkVerb(string name, string description, string example)
        : base(name, description, example)
    {
        Add(net);
        Add(allowPrivate);
        Add(State);
        Add(SharedFlags.Json());
    }

    protected Option<string> State { get; } = SharedFlags.State();

    protected NetworkOptions NetworkOf(VerbContext context) =>
        ServerFlags.Network(context.Get(net), context.Get(allowPrivate));
}

internal sealed class NetworkShowVerb()
    : NetworkVerb("show", "List the supernodes of the network that this machine knows", "anatomic network show")
{
    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = NetworkOf(context);
        await using var world = context.OpenWorld(State);
        var known = await SupernodeList.ReadAsync(world, network.Name, stop);
        foreach (var supernode in known)
        {
            context.ConsoleOutput.Event(
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
            context.ConsoleOutput.Remark(
                $"no supernode of the network '{network.Name}' is known here; 'anatomic network add URL#id' adds one"
            );
        }
        return ExitStatus.Success;
    }
}

internal sealed class NetworkUpdateVerb()
    : NetworkVerb(
        "update",
        "Take supernodes that at least two pinned ones name; pinned ones are never dropped",
        "anatomic network update"
    )
{
    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = NetworkOf(context);
        await using var world = context.OpenWorld(State);
        var update = await SupernodeList.UpdateAsync(world, network, stop);
        foreach (var failure in update.Failures)
        {
            context.ConsoleOutput.Remark(failure);
        }
        context.ConsoleOutput.Event(
            "complete",
            writer =>
            {
                writer.WritePropertyName("taken");
                JsonStringArrays.Write(writer, update.Added);
                writer.WritePropertyName("dropped");
                JsonStringArrays.Write(writer, update.Dropped);
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
        Description = "A supernode; the id may be left out on private networks",
    };

    public NetworkAddVerb()
        : base(
            "add",
            "Pin a supernode, after it has proven its id",
            "anatomic network add https://super.example/#ID"
        ) => Add(supernode);

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var network = NetworkOf(context);
        await using var world = context.OpenWorld(State);
        var proven = await SupernodeList.PinAsync(world, network, context.Get(supernode)!, stop);
        context.ConsoleOutput.Event("complete", writer => writer.WriteString("address", proven), $"pinned: {proven}");
        return ExitStatus.Success;
    }
}
