using System.Buffers;
using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>Buffers outgoing messages of one peer. One array is filled while the other is sent.</summary>
internal sealed class SendBuffer : IBufferWriter<byte>
{
    private const int InitialBytes = 512;

    private byte[] filling = [];
    private byte[] sending = [];

    /// <summary>Bytes written and not yet detached.</summary>
    public int Count { get; private set; }

    public void Advance(int count)
    {
        Invariant.Holds(count >= 0 && Count + count <= filling.Length);
        Count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return filling.AsMemory(Count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return filling.AsSpan(Count);
    }

    /// <summary>Returns the written bytes and empties the buffer. The memory is valid until the next call.</summary>
    public ReadOnlyMemory<byte> Detach()
    {
        (filling, sending) = (sending, filling);
        var detached = sending.AsMemory(0, Count);
        Count = 0;
        return detached;
    }

    /// <summary>Returns the arrays to the pool.</summary>
    public void Release()
    {
        Return(filling);
        Return(sending);
        filling = [];
        sending = [];
        Count = 0;
    }

    private void Reserve(int bytes)
    {
        if (filling.Length - Count >= bytes)
        {
            return;
        }
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(InitialBytes, Math.Max(Count + bytes, filling.Length * 2)));
        filling.AsSpan(0, Count).CopyTo(larger);
        Return(filling);
        filling = larger;
    }

    private static void Return(byte[] array)
    {
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
