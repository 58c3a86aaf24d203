using System.Buffers;
using Anatomic.Wire;

namespace Anatomic.Fuzz.Targets;

/// <summary>Returns buffers of exactly the requested size, so that writers cannot exceed it unnoticed.</summary>
internal sealed class ExactWriter : IBufferWriter<byte>
{
    // For callers that do not request a size.
    private const int DefaultSize = 256;

    private readonly ArrayBufferWriter<byte> written = new();
    private byte[] room = [];

    public byte[] Written => written.WrittenSpan.ToArray();

    public void Advance(int count)
    {
        Invariant.Holds(count <= room.Length);
        written.Write(room.AsSpan(0, count));
        room = [];
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => room = new byte[sizeHint > 0 ? sizeHint : DefaultSize];

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
