using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network;

/// <summary>Buffers for the replies to one batch, reused for the next.</summary>
internal sealed class DatagramReplies(int capacity) : ReplyBatch
{
    private readonly byte[] bytes = new byte[capacity * MaxReplyBytes];
    private readonly int[] lengths = new int[capacity];
    private readonly Endpoint[] receivers = new Endpoint[capacity];

    public int Count { get; private set; }

    public override Span<byte> Next()
    {
        Invariant.Holds(Count < lengths.Length, "at most one reply per datagram of a batch");
        return bytes.AsSpan(Count * MaxReplyBytes, MaxReplyBytes);
    }

    public override void Commit(int length, in Endpoint to)
    {
        Invariant.Holds(Count < lengths.Length && length is >= 0 and <= MaxReplyBytes);
        lengths[Count] = length;
        receivers[Count] = to;
        Count++;
    }

    public ReadOnlySpan<byte> Payload(int index) => bytes.AsSpan(index * MaxReplyBytes, lengths[index]);

    public ref readonly Endpoint To(int index) => ref receivers[index];

    public void Clear() => Count = 0;
}
