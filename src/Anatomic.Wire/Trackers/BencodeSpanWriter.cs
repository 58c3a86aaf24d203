using System.Buffers.Text;

namespace Anatomic.Wire.Trackers;

/// <summary>
/// Writes parts of bencoding into a span that is large enough. Callers are responsible for the order of keys.
/// </summary>
internal ref struct BencodeSpanWriter(Span<byte> buffer)
{
    private readonly Span<byte> buffer = buffer;

    public int Length { get; private set; }

    public void Raw(scoped ReadOnlySpan<byte> encoded)
    {
        encoded.CopyTo(buffer[Length..]);
        Length += encoded.Length;
    }

    public void Integer(long value)
    {
        Raw("i"u8);
        Number(value);
        Raw("e"u8);
    }

    public void Bytes(scoped ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        Raw(":"u8);
        Raw(value);
    }

    /// <summary>Space for the next bytes; call <see cref="Advance"/> after writing them.</summary>
    public readonly Span<byte> Rest => buffer[Length..];

    public void Advance(int count) => Length += count;

    private void Number(long value)
    {
        Invariant.Holds(Utf8Formatter.TryFormat(value, buffer[Length..], out var written));
        Length += written;
    }
}
