using System.Buffers;
using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>Messages on their way to one peer: one array is filled while the other is sent.</summary>
internal sealed class SendBuffer : IBufferWriter<byte>
{
    private const int FirstBytes = 512;

    private byte[] filling = [];
    private byte[] sending = [];

    /// <summary>Bytes written and not yet taken.</summary>
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

    /// <summary>What was written; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        (filling, sending) = (sending, filling);
        var taken = sending.AsMemory(0, Count);
        Count = 0;
        return taken;
    }

    public void Return()
    {
        Give(filling);
        Give(sending);
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
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBytes, Math.Max(Count + bytes, filling.Length * 2)));
        filling.AsSpan(0, Count).CopyTo(larger);
        Give(filling);
        filling = larger;
    }

    private static void Give(byte[] array)
    {
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
