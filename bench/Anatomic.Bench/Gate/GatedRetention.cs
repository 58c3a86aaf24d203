namespace Anatomic.Bench.Gate;

/// <summary>Objects with a limit for the memory they retain.</summary>
/// <param name="Name">Printed with the measurement.</param>
/// <param name="MaxBytes">Managed memory that one object may retain, in bytes.</param>
/// <param name="Count">The number of objects to create.</param>
/// <param name="Make">Creates all objects, and returns their owner.</param>
internal sealed record GatedRetention(string Name, double MaxBytes, int Count, Func<object> Make)
{
    /// <summary>The bytes that one object retains.</summary>
    public double Measure()
    {
        // Memory that is allocated once per process must not count.
        GC.KeepAlive(Make());
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var objects = Make();
        var after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(objects);
        return (double)(after - before) / Count;
    }
}
