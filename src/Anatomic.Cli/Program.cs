using System.Diagnostics;
using System.Runtime.InteropServices;
using Anatomic.Cli;
using Anatomic.Cli.Runtime;

var ended = 0L;
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
return await new Application(ProcessEnvironment.OfProcess()).RunAsync(args, stop.Token);

// The first signal ends the verb cleanly; one that comes later is left to the system, which ends the process at once. What comes
// together with the first is the same wish twice: shells and timeout(1) send it to the process and to its group.
void End(PosixSignalContext signal)
{
    if (ended == 0)
    {
        ended = Stopwatch.GetTimestamp();
    }
    signal.Cancel = Stopwatch.GetElapsedTime(ended) < TimeSpan.FromSeconds(1);
    stop.Cancel();
}
