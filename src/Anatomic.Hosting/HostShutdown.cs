namespace Anatomic.Hosting;

/// <summary>
/// Shuts a host down: it reports "not ready", keeps answering for the drain time, and logs the start and end of the
/// shutdown.
/// </summary>
internal sealed class HostShutdown(TimeProvider clock, StartupGate gate, HostEvents events, TimeSpan drain)
{
    private long began;

    /// <summary>Returns when the servers may be stopped. They finish the requests in progress.</summary>
    public async Task BeginAsync()
    {
        began = clock.GetTimestamp();
        gate.BeginStop();
        events.Stopping();
        if (drain > TimeSpan.Zero)
        {
            await Task.Delay(drain, clock, CancellationToken.None);
        }
    }

    /// <summary>Logs that the shutdown has finished.</summary>
    public void Complete() => events.Stopped(clock.GetElapsedTime(began));
}
