using System.CommandLine;
using Anatomic.Cli.Display;
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
    private readonly Option<string> net = Flags.Net();
    private readonly Option<bool> allowPrivate = Flags.AllowPrivate("Alone: the private network local-default");

    protected NetworkVerb(string name, string description, string example)
        : base(name, description, example)
    {
        Add(net);
        Add(allowPrivate);
        Add(State);
        Add(Flags.Json());
    }

    protected Option<string> State { get; } = Flags.State();

    protected NetworkOptions NetworkOf(Call call) => ServerFlags.Network(call.Get(net), call.Get(allowPrivate));
}

internal sealed class NetworkShowVerb()
    : NetworkVerb("show", "List the supernodes of the network that this machine knows", "anatomic network show")
{
    public override async Task<int> RunAsync(Call call, CancellationToken stop)
    {
        var network = NetworkOf(call);
        await using var world = call.OpenWorld(State);
        var known = await SupernodeList.ReadAsync(world, network.Name, stop);
        foreach (var supernode in known)
        {
            call.Reporter.Event(
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
            call.Reporter.Remark(
                $"no supernode of the network '{network.Name}' is known here; 'anatomic network add URL#id' adds one"
            );
        }
        return Exit.Done;
    }
}

internal sealed class NetworkUpdateVerb()
    : NetworkVerb(
        "update",
        "Take supernodes that at least two pinned ones name; pinned ones are never dropped",
        "anatomic network update"
    )
{
    public override async Task<int> RunAsync(Call call, CancellationToken stop)
    {
        var network = NetworkOf(call);
        await using var world = call.OpenWorld(State);
        var update = await SupernodeList.UpdateAsync(world, network, stop);
        foreach (var failure in update.Failures)
        {
            call.Reporter.Remark(failure);
        }
        call.Reporter.Event(
            "complete",
            writer =>
            {
                writer.WritePropertyName("taken");
                JsonLists.Write(writer, update.Taken);
                writer.WritePropertyName("dropped");
                JsonLists.Write(writer, update.Dropped);
            },
            $"updated: {update.Taken.Count} new, {update.Dropped.Count} dropped"
        );
        return Exit.Done;
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

    public override async Task<int> RunAsync(Call call, CancellationToken stop)
    {
        var network = NetworkOf(call);
        await using var world = call.OpenWorld(State);
        var proven = await SupernodeList.PinAsync(world, network, call.Get(supernode)!, stop);
        call.Reporter.Event("complete", writer => writer.WriteString("address", proven), $"pinned: {proven}");
        return Exit.Done;
    }
}
