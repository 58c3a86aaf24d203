using Anatomic.Federation.Monitoring;

namespace Anatomic.Federation.Nodes;

/// <summary>Reads the tracker's figures every few seconds, for the graphs of the status page.</summary>
internal sealed class SamplingLoop(NodeCore core)
{
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            core.History.Take(core.Now, core.Options.Tracker());
            await Task.Delay(TrackerHistory.Every, core.World.Clock, stop);
        }
    }
}
