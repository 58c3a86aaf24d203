namespace Anatomic.Comparison.Measurements;

/// <summary>Names of the metrics. They are part of the results schema; bench/README.md describes them.</summary>
internal static class Metrics
{
    public const string Rate = "rate";
    public const string CpuPerRequest = "CPU time per request";

    public const string P50 = "p50";
    public const string P90 = "p90";
    public const string P99 = "p99";
    public const string P999 = "p99.9";
    public const string Stalled = "met a stall";
    public const string P99WithStalls = "p99 with stalls";
    public const string P999WithStalls = "p99.9 with stalls";
    public const string NotTimed = "not timed";

    public const string AfterFilling = "anonymous, just filled";
    public const string Anonymous = "anonymous";
    public const string Resident = "resident";
    public const string ProcessAnonymous = "process, anonymous";
    public const string ProcessResident = "process, resident";
    public const string EmptyProcessResident = "empty process, resident";

    public const string Start = "start";
    public const string StartCpu = "start, CPU time";
    public const string StartPeakResident = "start, peak resident";
    public const string PerOrder = "anonymous, beyond the open node";

    public const string HostileRate = "hostile rate";
    public const string HostileSent = "hostile sent";
    public const string HostileAnswered = "hostile answered";
    public const string QuietP50 = "p50 without flood";
    public const string QuietP99 = "p99 without flood";
    public const string FloodedP50 = "p50 under flood";
    public const string FloodedP99 = "p99 under flood";
    public const string Answered = "answered under flood";
    public const string Lost = "lost under flood";
    public const string Invalid = "invalid under flood";
    public const string MemoryGrowth = "memory growth";
}
