using System.Buffers;

namespace Anatomic.Machine.Http.Requests;

/// <summary>Replies on their way out: grows to the largest, is used for ever, and can take a half one back.</summary>
internal sealed class ResponseBuffer : IBufferWriter<byte>
{
    private const int FirstBytes = 8 * 1024;

    // Pinned, so that the system can be given its address without further ado.
    private byte[] bytes = GC.AllocateUninitializedArray<byte>(FirstBytes, pinned: true);

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Count);

    public void Clear() => Count = 0;

    /// <summary>Takes back what was written since there were <paramref name="count"/> bytes.</summary>
    public void CutTo(int count) => Count = count;

    public void Advance(int count) => Count += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return bytes.AsMemory(Count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return bytes.AsSpan(Count);
    }

    private void Ensure(int more)
    {
        var needed = Count + Math.Max(1, more);
        if (needed > bytes.Length)
        {
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(needed, 2 * bytes.Length), pinned: true);
            Written.CopyTo(larger);
            bytes = larger;
        }
    }
}
