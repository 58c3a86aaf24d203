using System.Buffers.Binary;
using Anatomic.Wire.Trackers;

namespace Anatomic.Comparison.Udp;

/// <summary>Connects from one source after the other; the ids can be taken for what comes next.</summary>
/// <param name="sources">How many.</param>
/// <param name="rounds">How often each; 0: without end.</param>
internal sealed class UdpConnects(int sources, int rounds) : IUdpWork
{
    private readonly Stack<int> again = [];
    private long next;

    /// <summary>The newest id of each source.</summary>
    public ulong[] Connections { get; } = new ulong[sources];

    public UdpAsked Write(Span<byte> into, ReadOnlySpan<ulong> connections, uint transaction)
    {
        if (!again.TryPop(out var source))
        {
            if (rounds > 0 && next == (long)sources * rounds)
            {
                return default;
            }
            source = (int)(next++ % sources);
        }
        return new UdpAsked(UdpClientCodec.WriteConnect(into, transaction), source, source);
    }

    public bool IsGood(ReadOnlySpan<byte> reply, int subject)
    {
        if (
            reply.Length < UdpServerCodec.ConnectBytes
            || BinaryPrimitives.ReadInt32BigEndian(reply) != (int)UdpAction.Connect
        )
        {
            return false;
        }
        Connections[subject] = BinaryPrimitives.ReadUInt64BigEndian(reply[8..]);
        return true;
    }

    public void Lose(int subject) => again.Push(subject);
}
