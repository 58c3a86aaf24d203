using System.Diagnostics;
using System.Runtime.InteropServices;
using Anatomic.Cli;
using Anatomic.Cli.Runtime;

var firstSignal = 0L;
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
return await new Application(ProcessEnvironment.Current()).RunAsync(args, stop.Token);

// The first signal ends the verb cleanly; a later one is left to the system, which ends the process at once. A repeat
// within a second belongs to the first: shells and timeout(1) signal both the process and its group.
void OnSignal(PosixSignalContext signal)
{
    if (firstSignal == 0)
    {
        firstSignal = Stopwatch.GetTimestamp();
    }
    signal.Cancel = Stopwatch.GetElapsedTime(firstSignal) < TimeSpan.FromSeconds(1);
    stop.Cancel();
}
