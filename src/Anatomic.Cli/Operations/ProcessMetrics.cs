using System.Diagnostics;
using System.Globalization;
using Anatomic.Federation.Monitoring;

namespace Anatomic.Cli.Operations;

/// <summary>
/// What this process uses of its machine. The first four have the names that Prometheus' client libraries use.
/// </summary>
internal static class ProcessMetrics
{
    /// <summary>Linux lists a process's open files here, including sockets.</summary>
    private const string OpenFiles = "/proc/self/fd";

    public static IEnumerable<Metric> Read()
    {
        using var process = Process.GetCurrentProcess();
        yield return Metric.Gauge(
            "process_resident_memory_bytes",
            "Resident memory of the process.",
            process.WorkingSet64
        );
        yield return Metric.Counter(
            "process_cpu_seconds_total",
            "User and system CPU time.",
            process.TotalProcessorTime.TotalSeconds
        );
        yield return Metric.Gauge(
            "process_start_time_seconds",
            "Start time of the process, in Unix time.",
            new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0
        );
        if (OperatingSystem.IsLinux())
        {
            yield return Metric.Gauge(
                "process_open_fds",
                "Open files and sockets.",
                Directory.EnumerateFileSystemEntries(OpenFiles).Count()
            );
        }
        yield return Metric.Gauge(
            "anatomic_managed_heap_bytes",
            "Memory of managed objects, including those not yet collected.",
            GC.GetTotalMemory(forceFullCollection: false)
        );
        yield return Metric.Counter(
            "anatomic_gc_pause_seconds_total",
            "Time for which the garbage collector paused all threads.",
            GC.GetTotalPauseDuration().TotalSeconds
        );
        yield return Metric.Counter(
            "anatomic_gc_collections_total",
            "Garbage collections, by the oldest generation collected.",
            [
                .. Enumerable
                    .Range(0, GC.MaxGeneration + 1)
                    .Select(generation => new MetricSample(
                        GC.CollectionCount(generation)
                            - (generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0),
                        new MetricLabel("generation", generation.ToString(CultureInfo.InvariantCulture))
                    )),
            ]
        );
    }
}
