using System.Diagnostics;
using System.Globalization;
using Anatomic.Federation.Monitoring;

namespace Anatomic.Cli.Operations;

/// <summary>What this process uses of its machine; the first four under the names that Prometheus' own clients give them.</summary>
internal static class ProcessMetrics
{
    /// <summary>Linux lists a process's open files here, sockets among them.</summary>
    private const string OpenFiles = "/proc/self/fd";

    public static IEnumerable<Metric> Read()
    {
        using var process = Process.GetCurrentProcess();
        yield return Metric.Gauge(
            "process_resident_memory_bytes",
            "Memory of the process that is in RAM.",
            process.WorkingSet64
        );
        yield return Metric.Counter(
            "process_cpu_seconds_total",
            "Time of processors, of user and system together.",
            process.TotalProcessorTime.TotalSeconds
        );
        yield return Metric.Gauge(
            "process_start_time_seconds",
            "When the process was started, since 1970.",
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
            "Memory of managed objects, the dead ones since the last collection included.",
            GC.GetTotalMemory(forceFullCollection: false)
        );
        yield return Metric.Counter(
            "anatomic_gc_pause_seconds_total",
            "Time in which the garbage collector held all threads.",
            GC.GetTotalPauseDuration().TotalSeconds
        );
        yield return Metric.Counter(
            "anatomic_gc_collections_total",
            "Garbage collections, by the oldest generation that was collected.",
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
