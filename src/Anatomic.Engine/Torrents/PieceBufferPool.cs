namespace Anatomic.Engine.Torrents;

/// <summary>The buffers of the pieces that one torrent downloads, out of the session's memory.</summary>
internal sealed class PieceBufferPool(int pieceLength, PieceMemory memory)
{
    private int rented;

    /// <summary>
    /// How many more pieces may be started. At least one while none is in progress, so that every torrent makes
    /// progress.
    /// </summary>
    public int Available => (int)Math.Min(int.MaxValue, Math.Max(memory.Available / pieceLength, rented == 0 ? 1 : 0));

    public byte[] Rent()
    {
        rented++;
        return memory.Rent(pieceLength);
    }

    public void Return(byte[] buffer)
    {
        rented--;
        memory.Return(buffer);
    }
}
