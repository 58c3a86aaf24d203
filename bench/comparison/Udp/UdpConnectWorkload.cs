using System.Buffers.Binary;
using Anatomic.Wire.Trackers;

namespace Anatomic.Comparison.Udp;

/// <summary>Connects from each source in turn; later workloads can use the connection ids.</summary>
/// <param name="sources">How many sources.</param>
/// <param name="rounds">Connects per source; 0 means no limit.</param>
internal sealed class UdpConnectWorkload(int sources, int rounds) : IUdpWorkload
{
    private readonly Stack<int> lost = [];
    private long next;

    /// <summary>The newest connection id of each source.</summary>
    public ulong[] Connections { get; } = new ulong[sources];

    public WrittenRequest Write(Span<byte> buffer, ReadOnlySpan<ulong> connections, uint transaction)
    {
        if (!lost.TryPop(out var source))
        {
            if (rounds > 0 && next == (long)sources * rounds)
            {
                return default;
            }
            source = (int)(next++ % sources);
        }
        return new WrittenRequest(UdpClientCodec.WriteConnect(buffer, transaction), source, source);
    }

    public bool IsValid(ReadOnlySpan<byte> reply, int tag)
    {
        if (
            reply.Length < UdpServerCodec.ConnectBytes
            || BinaryPrimitives.ReadInt32BigEndian(reply) != (int)UdpAction.Connect
        )
        {
            return false;
        }
        Connections[tag] = BinaryPrimitives.ReadUInt64BigEndian(reply[8..]);
        return true;
    }

    public void OnLost(int tag) => lost.Push(tag);
}
