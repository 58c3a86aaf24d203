using Anatomic.Engine.Limits;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// Memory for the pieces of one torrent that are on their way. Arrays are used again: the first touch of fresh memory costs more
/// than hashing it.
/// </summary>
internal sealed class PieceBufferPool(int pieceLength, SharedBudget budget)
{
    /// <summary>Free arrays kept, by their bytes: as many as a session's budget allows by default to be in use.</summary>
    private const int MaxFreeBytes = 128 << 20;

    private readonly Stack<byte[]> free = new();
    private int rented;
    private int idle;

    /// <summary>How many more pieces may be begun; always one when there is none, so that nothing can stand still.</summary>
    public int MayRent => (int)Math.Min(int.MaxValue, Math.Max(budget.Left / pieceLength, rented == 0 ? 1 : 0));

    public byte[] Rent()
    {
        budget.Take(pieceLength);
        rented++;
        if (!free.TryPop(out var array))
        {
            return GC.AllocateUninitializedArray<byte>(pieceLength);
        }
        idle = Math.Min(idle, free.Count);
        return array;
    }

    public void Return(byte[] array)
    {
        rented--;
        budget.Give(pieceLength);
        if ((long)(free.Count + 1) * pieceLength <= Math.Max(MaxFreeBytes, pieceLength))
        {
            free.Push(array);
        }
    }

    /// <summary>Lets go of the arrays that nobody has needed since the last call.</summary>
    public void Trim()
    {
        for (; idle > 0; idle--)
        {
            free.Pop();
        }
        idle = free.Count;
    }

    public void Clear()
    {
        free.Clear();
        idle = 0;
    }
}
