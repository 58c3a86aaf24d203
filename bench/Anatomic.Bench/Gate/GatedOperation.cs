namespace Anatomic.Bench.Gate;

/// <summary>An operation whose allocation is bounded.</summary>
/// <param name="Name">For the person who broke it.</param>
/// <param name="MaxBytes">Bytes that one operation may allocate on average, of managed memory.</param>
/// <param name="Prepare">Sets it up, and returns what runs it once.</param>
internal sealed record GatedOperation(string Name, double MaxBytes, Func<Action> Prepare)
{
    private const int WarmUps = 2_000;
    private const int Runs = 2_000;

    /// <summary>How many operations one run is, where it is many at once: then it is run once, without a warm-up.</summary>
    public int AtOnce { get; init; }

    /// <summary>Bytes allocated by one operation.</summary>
    public double Measure()
    {
        var run = Prepare();
        for (var i = 0; i < WarmUps && AtOnce == 0; i++)
        {
            run();
        }
        var runs = AtOnce == 0 ? Runs : 1;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < runs; i++)
        {
            run();
        }
        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Math.Max(runs, AtOnce);
    }
}
