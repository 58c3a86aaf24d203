using System.Buffers;
using Anatomic.Wire;

namespace Anatomic.Fuzz.Targets;

/// <summary>Returns buffers of exactly the requested size, so that writers cannot exceed it unnoticed.</summary>
internal sealed class ExactWriter : IBufferWriter<byte>
{
    // For callers that do not request a size.
    private const int DefaultSize = 256;

    private readonly ArrayBufferWriter<byte> written = new();
    private byte[] buffer = [];

    public byte[] Written => written.WrittenSpan.ToArray();

    public void Advance(int count)
    {
        Invariant.Holds(count <= buffer.Length);
        written.Write(buffer.AsSpan(0, count));
        buffer = [];
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => buffer = new byte[sizeHint > 0 ? sizeHint : DefaultSize];

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
