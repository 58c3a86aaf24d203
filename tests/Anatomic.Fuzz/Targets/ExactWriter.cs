using System.Buffers;
using Anatomic.Wire;

namespace Anatomic.Fuzz.Targets;

/// <summary>Gives exactly the room that is asked for, so that nobody writes beyond what was promised.</summary>
internal sealed class ExactWriter : IBufferWriter<byte>
{
    // Who names no size takes what there is, and comes back for more.
    private const int AnyRoom = 256;

    private readonly ArrayBufferWriter<byte> written = new();
    private byte[] room = [];

    public byte[] Written => written.WrittenSpan.ToArray();

    public void Advance(int count)
    {
        Invariant.Holds(count <= room.Length);
        written.Write(room.AsSpan(0, count));
        room = [];
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => room = new byte[sizeHint > 0 ? sizeHint : AnyRoom];

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
