namespace Anatomic.Bench.Gate;

/// <summary>An operation with a limit for the memory it allocates.</summary>
/// <param name="Name">Printed with the measurement.</param>
/// <param name="MaxBytes">Managed memory that one operation may allocate on average, in bytes.</param>
/// <param name="Prepare">Sets the operation up. Returns an action that runs it.</param>
internal sealed record GatedOperation(string Name, double MaxBytes, Func<Action> Prepare)
{
    private const int WarmUps = 2_000;
    private const int Runs = 2_000;

    /// <summary>
    /// For an action that runs many operations: their number. The action is then called once, without warm-up. Default:
    /// 0, for an action that runs one operation.
    /// </summary>
    public int OperationsPerRun { get; init; }

    /// <summary>The bytes that one operation allocates.</summary>
    public double Measure()
    {
        var run = Prepare();
        for (var i = 0; i < WarmUps && OperationsPerRun == 0; i++)
        {
            run();
        }
        var runs = OperationsPerRun == 0 ? Runs : 1;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < runs; i++)
        {
            run();
        }
        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Math.Max(runs, OperationsPerRun);
    }
}
