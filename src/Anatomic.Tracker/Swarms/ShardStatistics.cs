namespace Anatomic.Tracker.Swarms;

/// <summary>The counts of one shard.</summary>
internal readonly record struct ShardStatistics(
    int Swarms,
    int Planted,
    int Seeds,
    int Leechers,
    int Shared,
    int WaitingChanges
)
{
    public static ShardStatistics operator +(ShardStatistics a, ShardStatistics b) =>
        new(
            a.Swarms + b.Swarms,
            a.Planted + b.Planted,
            a.Seeds + b.Seeds,
            a.Leechers + b.Leechers,
            a.Shared + b.Shared,
            a.WaitingChanges + b.WaitingChanges
        );
}
