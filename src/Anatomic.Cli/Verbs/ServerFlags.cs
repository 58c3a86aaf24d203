using System.CommandLine;
using Anatomic.Federation;

namespace Anatomic.Cli.Verbs;

/// <summary>What <c>node</c> and <c>supernode</c> have in common.</summary>
internal static class ServerFlags
{
    public static Option<string> PublicUrl() =>
        new("--public-url")
        {
            HelpName = "URL",
            Description =
                "How others reach it, as http://host:port/ [default on private networks: the first address that it listens at]",
        };

    /// <summary>The network, or status 2 with what is wrong about its name.</summary>
    public static NetworkOptions Network(string? name, bool allowPrivate) =>
        NetworkOptions.TryCreate(name is { Length: > 0 } ? name : null, allowPrivate, out var options, out var fault)
            ? options
            : throw CliException.Arguments(fault.ToString());

    /// <summary>Says where it answers, and waits for the end; a signal is how a server ends.</summary>
    public static async Task<int> ServeAsync(
        Call call,
        IReadOnlyList<Uri> urls,
        string thenSay,
        Task running,
        CancellationToken stop
    )
    {
        // A server without files to read again lives on all the same.
        using var reload = call.Surroundings.OnReload(static () => { });
        foreach (var url in urls)
        {
            call.Reporter.Line($"listening {url}");
        }
        call.Reporter.Line(thenSay);
        var ended = new TaskCompletionSource();
        await using var signal = stop.Register(ended.SetResult);
        // A service that fails on its own ends the verb with its error.
        await await Task.WhenAny(ended.Task, running);
        return Exit.Done;
    }
}
