using System.Numerics;

namespace Anatomic.Tracker.Memory;

/// <summary>
/// Linear hashing (Litwin, 1980): buckets are added one at a time, in the order of their numbers. Each new bucket takes
/// over a part of an existing one, so growth never moves more than one bucket.
/// </summary>
internal static class LinearHashing
{
    /// <summary>
    /// Maps a hash to a bucket by its low bits. Buckets that were already split use one bit more than the others.
    /// </summary>
    /// <param name="hash">A hash whose low bits are well distributed.</param>
    /// <param name="count">The number of buckets; at least one.</param>
    public static int BucketOf(uint hash, int count)
    {
        var mask = (int)BitOperations.RoundUpToPowerOf2((uint)count) - 1;
        var bucket = (int)hash & mask;
        // 1 if beyond the last bucket. No branch, because it would be unpredictable.
        var isBeyond = (count - 1 - bucket) >>> 31;
        return bucket & (mask >> isBeyond);
    }

    /// <summary>
    /// The bucket that was split to make this one: its number without the highest bit. Not for bucket 0.
    /// </summary>
    public static int ParentOf(int bucket) => bucket ^ (1 << BitOperations.Log2((uint)bucket));
}
