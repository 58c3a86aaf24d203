using Anatomic.Engine.Sessions;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// Memory for the pieces of one torrent that are on their way. Arrays are used again: the first touch of fresh memory costs more
/// than hashing it.
/// </summary>
internal sealed class PieceMemory(int pieceLength, SharedBudget budget)
{
    /// <summary>Free arrays kept, by their bytes.</summary>
    private const int MaxFreeBytes = 32 << 20;

    private readonly Stack<byte[]> free = new();
    private int rented;

    /// <summary>How many more pieces may be begun; always one when there is none, so that nothing can stand still.</summary>
    public int MayRent => (int)Math.Min(int.MaxValue, Math.Max(budget.Left / pieceLength, rented == 0 ? 1 : 0));

    public byte[] Rent()
    {
        budget.Take(pieceLength);
        rented++;
        return free.TryPop(out var array) ? array : GC.AllocateUninitializedArray<byte>(pieceLength);
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

    public void Clear() => free.Clear();
}
