namespace Anatomic.Bench.Gate;

/// <summary>What is kept of many things of a kind, whose memory is bounded.</summary>
/// <param name="Name">For the person who broke it.</param>
/// <param name="MaxBytes">Bytes of managed memory that one of them may keep.</param>
/// <param name="Count">How many are made.</param>
/// <param name="Make">Makes them all, and returns what keeps them.</param>
internal sealed record GatedRetention(string Name, double MaxBytes, int Count, Func<object> Make)
{
    /// <summary>Bytes kept of each.</summary>
    public double Measure()
    {
        // What is made once in a process is none of theirs.
        GC.KeepAlive(Make());
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var made = Make();
        var after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(made);
        return (double)(after - before) / Count;
    }
}
