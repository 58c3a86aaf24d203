using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.World;

namespace Anatomic.Cli.Operations;

/// <summary>Runs a started server until a signal ends it.</summary>
internal static class ServerRun
{
    /// <summary>The places where a server answers, as shown to the user.</summary>
    public static IReadOnlyList<string> Addresses(IReadOnlyList<Uri> urls, IReadOnlyList<string> unixPaths) =>
        [.. urls.Select(url => url.ToString()), .. unixPaths.Select(path => $"unix:{path}")];

    /// <summary>
    /// Reports to the user and to systemd that the server is ready, then waits for a signal or for the server to fail.
    /// </summary>
    /// <param name="context">The run of the verb.</param>
    /// <param name="world">The server's world; systemd's watchdog checks its loops.</param>
    /// <param name="addresses">Where the server answers.</param>
    /// <param name="status">One line that describes the server.</param>
    /// <param name="running">Fails when the server does.</param>
    /// <param name="onReload">Reloads the server's files.</param>
    /// <param name="stop">Cancelled by a signal.</param>
    public static async Task<int> RunAsync(
        VerbContext context,
        IWorld world,
        IReadOnlyList<string> addresses,
        string status,
        Task running,
        Action onReload,
        CancellationToken stop
    )
    {
        using var systemd = new SystemdNotifier(context.Environment.GetVariable);
        // Subscribed even without files to reload, so that SIGHUP never ends a server.
        using var reload = context.Environment.OnReload(() =>
        {
            systemd.Reloading();
            onReload();
            systemd.Ready(status);
        });
        foreach (var address in addresses)
        {
            context.Output.WriteLine($"listening {address}");
        }
        context.Output.WriteLine(status);
        systemd.Ready(status);
        var stopped = new TaskCompletionSource();
        await using var signal = stop.Register(stopped.SetResult);
        // The second await rethrows the exception of a server that failed.
        await await Task.WhenAny(stopped.Task, running, FeedWatchdogAsync(systemd, world, stop));
        systemd.Stopping();
        return ExitStatus.Success;
    }

    /// <summary>
    /// Notifies systemd's watchdog as long as every loop responds, so that systemd restarts a hung server.
    /// </summary>
    private static async Task FeedWatchdogAsync(SystemdNotifier systemd, IWorld world, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(systemd.WatchdogPeriod ?? Timeout.InfiniteTimeSpan, world.Clock, stop);
                foreach (var loop in world.Loops.All)
                {
                    await loop.RunAsync(static () => Task.CompletedTask);
                }
                systemd.NotifyWatchdog();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A signal stopped the server.
        }
    }
}
