namespace Anatomic.Bench.Gate;

/// <summary>
/// Holds what operations allocate against their bounds. It calls the same methods as the charts do: bytes do not depend on the
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
            var bytes = operation.Measure();
            var isFine = bytes <= operation.MaxBytes;
            broken += isFine ? 0 : 1;
            Console.WriteLine(
                $"{(isFine ? "fine  " : "BEYOND")} {operation.Name, -40} {bytes, 10:N1} bytes, at most {operation.MaxBytes:N0}"
            );
        }
        Console.WriteLine(broken == 0 ? "every operation is within its bound" : $"{broken} beyond their bound");
        return broken == 0 ? 0 : 1;
    }
}
