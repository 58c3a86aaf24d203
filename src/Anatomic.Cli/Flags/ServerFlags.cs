using System.CommandLine;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Operations;
using Anatomic.Cli.Runtime;
using Anatomic.Federation;
using Anatomic.World;

namespace Anatomic.Cli.Flags;

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

    /// <summary>Where a server answers, a word for each place.</summary>
    public static IReadOnlyList<string> Places(IReadOnlyList<Uri> urls, IReadOnlyList<string> unixPaths) =>
        [.. urls.Select(url => url.ToString()), .. unixPaths.Select(path => $"unix:{path}")];

    /// <summary>
    /// Says where it answers, to the person and to systemd, and waits for the end; a signal is how a server ends.
    /// </summary>
    public static async Task<int> ServeAsync(
        VerbContext context,
        IWorld world,
        IReadOnlyList<string> places,
        string status,
        Task running,
        Action readAgain,
        CancellationToken stop
    )
    {
        using var manager = new SystemdNotifier(context.ProcessEnvironment.Variable);
        // A server without files to read again lives on all the same.
        using var reload = context.ProcessEnvironment.OnReload(() =>
        {
            manager.Reloading();
            readAgain();
            manager.Ready(status);
        });
        foreach (var place in places)
        {
            context.ConsoleOutput.Line($"listening {place}");
        }
        context.ConsoleOutput.Line(status);
        manager.Ready(status);
        var ended = new TaskCompletionSource();
        await using var signal = stop.Register(ended.SetResult);
        // A service that fails on its own ends the verb with its error.
        await await Task.WhenAny(ended.Task, running, WatchAsync(manager, world, stop));
        manager.Stopping();
        return ExitStatus.Success;
    }

    /// <summary>Feeds systemd's watchdog as long as the loops run what they are given: a node that hangs is started anew.</summary>
    private static async Task WatchAsync(SystemdNotifier manager, IWorld world, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(manager.WatchdogEvery ?? Timeout.InfiniteTimeSpan, world.Clock, stop);
                foreach (var loop in world.Loops.All)
                {
                    await loop.RunAsync(static () => Task.CompletedTask);
                }
                manager.FeedWatchdog();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The usual end.
        }
    }
}
