using System.Runtime.InteropServices;
using Anatomic.Cli;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
return await new Application(Surroundings.OfProcess()).RunAsync(args, stop.Token);

// The first signal ends the verb cleanly; a second one is left to the system, which ends the process at once.
void End(PosixSignalContext signal)
{
    if (!stop.IsCancellationRequested)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
}
