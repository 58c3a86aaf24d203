using System.CommandLine;

namespace Anatomic.Cli.Flags;

/// <summary>Flags that several verbs share, so that each means the same everywhere.</summary>
internal static class SharedFlags
{
    public const string JsonName = "--json";

    public static Option<bool> Json() => new(JsonName) { Description = "One JSON object a line on standard output" };

    public static Option<string> State() =>
        new("--state")
        {
            HelpName = "DIR",
            Description = "Folder for keys and memory [default: $XDG_STATE_HOME/anatomic]",
        };

    public static Option<string> ServerData() =>
        new("--data", "--state")
        {
            HelpName = "DIR",
            Description = "Folder for its key and its store [default: $XDG_STATE_HOME/anatomic]",
        };

    public static Option<string> Net() =>
        new("--net")
        {
            HelpName = "NAME",
            Description = "The network's name; names that start with local- are private [default: main]",
        };

    public static Option<bool> AllowPrivate(string description) => new("--allow-private") { Description = description };

    public static Option<string[]> Supernodes() =>
        new("--supernode")
        {
            HelpName = "URL#ID",
            Description = "A supernode to ask; repeatable; the id may be left out on private networks",
        };

    public static Option<string[]> Listen(string fallback) =>
        new("--listen")
        {
            HelpName = "[ADDR:]PORT",
            Description = $"Where to listen: PORT, IPv4:PORT or [IPv6]:PORT; repeatable [default: {fallback}]",
        };

    /// <summary>The network's name, by the contract: <c>--allow-private</c> alone means the private network of that name.</summary>
    public static string NetworkOf(string? net, bool allowPrivate) =>
        net is { Length: > 0 } ? net
        : allowPrivate ? "local-default"
        : "main";
}
