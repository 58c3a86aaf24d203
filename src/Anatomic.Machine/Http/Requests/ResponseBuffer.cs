using System.Buffers;

namespace Anatomic.Machine.Http.Requests;

/// <summary>
/// Collects replies to be sent. It grows to the largest, is reused for ever, and can drop a half-written reply.
/// </summary>
internal sealed class ResponseBuffer : IBufferWriter<byte>
{
    private const int InitialBytes = 8 * 1024;

    [ThreadStatic]
    private static ResponseBuffer? perThread;

    // Pinned, so that system calls can take its address.
    private byte[] bytes = GC.AllocateUninitializedArray<byte>(InitialBytes, pinned: true);

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Count);

    /// <summary>This thread's own one, empty; for use until the next await.</summary>
    public static ResponseBuffer ForThread()
    {
        var buffer = perThread ??= new ResponseBuffer();
        buffer.Clear();
        return buffer;
    }

    public void Clear() => Count = 0;

    /// <summary>Drops what was written after the first <paramref name="count"/> bytes.</summary>
    public void Truncate(int count) => Count = count;

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
