using Anatomic.Engine.Limits;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// Supplies buffers for the pieces a torrent is downloading, within the session's memory budget. Buffers are reused,
/// because the first touch of fresh memory costs more than hashing it.
/// </summary>
internal sealed class PieceBufferPool(int pieceLength, SharedBudget budget)
{
    private readonly Stack<byte[]> free = new();
    private int rented;

    // Buffers that stayed in the pool since the last trim.
    private int idle;

    /// <summary>
    /// How many more pieces may be started. At least one while none is in progress, so that every torrent makes
    /// progress.
    /// </summary>
    public int Available => (int)Math.Min(int.MaxValue, Math.Max(budget.Available / pieceLength, rented == 0 ? 1 : 0));

    public byte[] Rent()
    {
        budget.ForceAcquire(pieceLength);
        rented++;
        if (!free.TryPop(out var buffer))
        {
            return GC.AllocateUninitializedArray<byte>(pieceLength);
        }
        idle = Math.Min(idle, free.Count);
        return buffer;
    }

    public void Return(byte[] buffer)
    {
        rented--;
        budget.Release(pieceLength);
        if ((long)(free.Count + 1) * pieceLength <= Math.Max(EngineLimits.MaxIdleBufferBytes, pieceLength))
        {
            free.Push(buffer);
        }
    }

    /// <summary>Frees the buffers that were not used since the last call.</summary>
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
