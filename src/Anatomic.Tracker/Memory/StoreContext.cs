namespace Anatomic.Tracker.Memory;

/// <summary>What the tables of one shard need: the secret seed of their hashes, and the memory budget.</summary>
internal class StoreContext(ulong seed, StoreBudget budget)
{
    /// <summary>Random and secret, so that nobody can choose entries that collide.</summary>
    public ulong Seed => seed;

    /// <summary>Shared by all shards.</summary>
    public StoreBudget Budget => budget;
}
