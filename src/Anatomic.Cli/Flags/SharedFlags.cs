using System.CommandLine;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Federation;

namespace Anatomic.Cli.Flags;

/// <summary>Flags that several verbs share, so that each means the same everywhere.</summary>
internal static class SharedFlags
{
    public static Option<bool> Json() =>
        new(VerbContext.JsonFlag) { Description = "Write one JSON object per line to standard output" };

    public static Option<string> State() =>
        new("--state")
        {
            HelpName = "DIR",
            Description = "Folder for keys and state [default: $XDG_STATE_HOME/anatomic]",
        };

    public static Option<string> ServerData() =>
        new("--data", "--state")
        {
            HelpName = "DIR",
            Description = "Folder for the server's key and store [default: $XDG_STATE_HOME/anatomic]",
        };

    public static Option<string> TorrentData() =>
        new("--data")
        {
            HelpName = "PATH",
            Required = true,
            Description = "The file or folder that the torrent describes, or the folder that contains it",
        };

    public static Option<string> Net() =>
        new("--net")
        {
            HelpName = "NAME",
            Description = "Name of the network; names that start with local- are private [default: main]",
        };

    public static Option<bool> AllowPrivate(string description) => new("--allow-private") { Description = description };

    public static Option<string[]> Supernodes() =>
        new("--supernode")
        {
            HelpName = "URL#ID",
            Description = "Supernode to use; the id is optional on private networks; repeatable",
        };

    public static Option<string[]> Listen(string fallback) =>
        new("--listen")
        {
            HelpName = "[ADDR:]PORT",
            Description = $"Where to listen: PORT, IPv4:PORT or [IPv6]:PORT; repeatable [default: {fallback}]",
        };

    public static Option<int?> Nodes() =>
        new("--nodes")
        {
            HelpName = "N",
            Description = $"Number of nodes that hold the torrent, 1 to {CliLimits.MaxNodes} [default: 3]",
        };

    /// <summary>The network that <c>--net</c> and <c>--allow-private</c> select.</summary>
    /// <exception cref="CliException">
    /// The name is invalid, or private addresses are to be allowed on a public network.
    /// </exception>
    public static NetworkOptions ParseNetwork(string? name, bool allowPrivate) =>
        NetworkOptions.TryCreate(name is { Length: > 0 } ? name : null, allowPrivate, out var options, out var fault)
            ? options
            : throw CliException.UsageError(fault.ToString());
}
