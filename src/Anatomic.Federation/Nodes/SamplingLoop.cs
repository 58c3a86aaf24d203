using Anatomic.Federation.Monitoring;

namespace Anatomic.Federation.Nodes;

/// <summary>Samples the tracker's statistics every few seconds for the graphs of the status page.</summary>
internal sealed class SamplingLoop(NodeCore core)
{
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            core.History.Add(core.Now, core.Options.Tracker());
            await Task.Delay(TrackerHistory.SampleInterval, core.World.Clock, stop);
        }
    }
}
