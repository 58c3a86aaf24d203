namespace Anatomic.Bench.Gate;

/// <summary>
/// Holds what operations allocate, and what is kept of things, against their bounds. It calls the same methods as the charts do: bytes do not depend on the
/// machine, so this can fail a build, as times cannot.
/// </summary>
internal static class AllocationGate
{
    /// <summary>1 when an operation is beyond its bound, and says which.</summary>
    public static int Run()
    {
        var broken = 0;
        foreach (var operation in GatedOperations.All)
        {
            broken += IsFine(operation.Name, operation.Measure(), operation.MaxBytes) ? 0 : 1;
        }
        foreach (var memory in GatedOperations.Kept)
        {
            broken += IsFine(memory.Name, memory.Measure(), memory.MaxBytes) ? 0 : 1;
        }
        Console.WriteLine(broken == 0 ? "everything is within its bound" : $"{broken} beyond their bound");
        return broken == 0 ? 0 : 1;
    }

    private static bool IsFine(string name, double bytes, double maxBytes)
    {
        var isFine = bytes <= maxBytes;
        Console.WriteLine($"{(isFine ? "fine  " : "BEYOND")} {name, -40} {bytes, 10:N1} bytes, at most {maxBytes:N0}");
        return isFine;
    }
}
