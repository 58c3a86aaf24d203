using System.Numerics;

namespace Anatomic.Tracker.Memory;

/// <summary>
/// Linear hashing (Litwin, 1980): buckets become more one at a time, in the order of their numbers, and each new one takes over a part
/// of one that is there already. So growth never moves more than a bucket.
/// </summary>
internal static class LinearHashing
{
    /// <summary>By the low bits of the hash: buckets that have been split by one more of them than the others.</summary>
    /// <param name="hash">All bits of which are equally good.</param>
    /// <param name="count">Of buckets, at least one.</param>
    public static int BucketOf(uint hash, int count)
    {
        var mask = (int)BitOperations.RoundUpToPowerOf2((uint)count) - 1;
        var bucket = (int)hash & mask;
        // 1 beyond the last bucket: no branch, for no processor could foretell it.
        var isBeyond = (count - 1 - bucket) >>> 31;
        return bucket & (mask >> isBeyond);
    }

    /// <summary>The bucket from which this one, not the first, was split: its number without the highest bit.</summary>
    public static int ParentOf(int bucket) => bucket ^ (1 << BitOperations.Log2((uint)bucket));
}
