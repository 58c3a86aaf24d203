namespace Anatomic.Hosting;

/// <summary>How a host ends: it says that it is not ready, answers on for a while, and tells its operator when it has ended.</summary>
internal sealed class HostShutdown(TimeProvider clock, StartupGate gate, HostEvents events, TimeSpan drain)
{
    private long began;

    /// <summary>Returns when the servers may be stopped; requests under way are theirs to finish.</summary>
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

    public void Done() => events.Stopped(clock.GetElapsedTime(began));
}
