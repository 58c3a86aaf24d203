namespace Anatomic.Bench.Gate;

/// <summary>
/// Checks how much operations allocate, and how much memory objects retain, against limits. It calls the same methods
/// as the benchmarks. Bytes do not depend on the machine as times do, so the check can fail a build.
/// </summary>
internal static class AllocationGate
{
    /// <summary>Prints every measurement. Returns 1 if one is above its limit.</summary>
    public static int Run()
    {
        var failures = 0;
        foreach (var operation in GatedOperations.All)
        {
            failures += IsWithinLimit(operation.Name, operation.Measure(), operation.MaxBytes) ? 0 : 1;
        }
        foreach (var memory in GatedOperations.Retained)
        {
            failures += IsWithinLimit(memory.Name, memory.Measure(), memory.MaxBytes) ? 0 : 1;
        }
        Console.WriteLine(failures == 0 ? "all within their limits" : $"{failures} above their limits");
        return failures == 0 ? 0 : 1;
    }

    private static bool IsWithinLimit(string name, double bytes, double maxBytes)
    {
        var isWithinLimit = bytes <= maxBytes;
        var verdict = isWithinLimit ? "ok   " : "ABOVE";
        Console.WriteLine($"{verdict} {name, -40} {bytes, 10:N1} bytes, at most {maxBytes:N0}");
        return isWithinLimit;
    }
}
