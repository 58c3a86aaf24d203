using System.Diagnostics;
using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Linux;

/// <summary>Which core does what: servers on the first, the generator on the second, so that neither takes time from the other.</summary>
internal static unsafe class Cores
{
    public const int Server = 0;
    public const int Generator = 1;

    /// <exception cref="PeersException">There are not two cores.</exception>
    public static void PinGenerator()
    {
        if (Environment.ProcessorCount < 2)
        {
            throw new PeersException("two cores are needed: one for the server, one for the generator");
        }
        Pin(Generator);
    }

    /// <summary>For what is not measured: this thread, and those that it makes, run anywhere.</summary>
    public static void UseAll() => PinTo(ulong.MaxValue);

    /// <summary>This thread comes before any server on the servers' core; false: it has no right to.</summary>
    public static bool TryTakePrecedence()
    {
        Pin(Server);
        var priority = 1;
        return LinuxCalls.SetScheduler(0, LinuxCalls.FirstComes, &priority) == 0;
    }

    /// <summary>Starts a program on the servers' core: a child inherits the cores of the thread that starts it.</summary>
    public static Process StartServer(ProcessStartInfo start)
    {
        Pin(Server);
        try
        {
            return Process.Start(start) ?? throw new PeersException($"{start.FileName} does not start");
        }
        finally
        {
            Pin(Generator);
        }
    }

    private static void Pin(int core) => PinTo(1UL << core);

    private static void PinTo(ulong mask)
    {
        Handles.Check(LinuxCalls.SetAffinity(0, sizeof(ulong), &mask), "sched_setaffinity");
    }
}
