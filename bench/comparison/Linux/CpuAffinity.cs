using System.Diagnostics;
using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Linux;

/// <summary>
/// Pins servers to the first core and the load generator to the second, so that neither takes time from the other.
/// </summary>
internal static unsafe class CpuAffinity
{
    private const int ServerCore = 0;
    private const int GeneratorCore = 1;

    /// <exception cref="ComparisonException">The machine has only one core.</exception>
    public static void PinGenerator()
    {
        if (Environment.ProcessorCount < 2)
        {
            throw new ComparisonException("two cores are needed: one for the server, one for the generator");
        }
        Pin(GeneratorCore);
    }

    /// <summary>Lets this thread and those it starts run on any core. For work that is not measured.</summary>
    public static void UseAllCores() => SetMask(ulong.MaxValue);

    /// <summary>
    /// Makes this thread preempt every server on their core; false if the process lacks CAP_SYS_NICE.
    /// </summary>
    public static bool TryUseRealTimePriority()
    {
        Pin(ServerCore);
        var priority = 1;
        return SystemCalls.SetScheduler(0, SystemCalls.FifoScheduling, &priority) == 0;
    }

    /// <summary>
    /// Starts a program on the servers' core: a child inherits the affinity of the thread that starts it.
    /// </summary>
    public static Process StartServer(ProcessStartInfo start)
    {
        Pin(ServerCore);
        try
        {
            return Process.Start(start) ?? throw new ComparisonException($"cannot start {start.FileName}");
        }
        finally
        {
            Pin(GeneratorCore);
        }
    }

    private static void Pin(int core) => SetMask(1UL << core);

    private static void SetMask(ulong mask) =>
        RawSocket.Check(SystemCalls.SetAffinity(0, sizeof(ulong), &mask), "sched_setaffinity");
}
