using System.Buffers.Text;

namespace Anatomic.Wire.Trackers;

/// <summary>Writes pieces of bencoding into a span that is known to be large enough; the order of keys is the caller's.</summary>
internal ref struct BencodeSpanWriter(Span<byte> room)
{
    private readonly Span<byte> room = room;

    public int Length { get; private set; }

    public void Raw(scoped ReadOnlySpan<byte> encoded)
    {
        encoded.CopyTo(room[Length..]);
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

    /// <summary>Room for the next bytes, to be followed by <see cref="Took"/>.</summary>
    public readonly Span<byte> Rest => room[Length..];

    public void Took(int count) => Length += count;

    private void Number(long value)
    {
        Invariant.Holds(Utf8Formatter.TryFormat(value, room[Length..], out var written));
        Length += written;
    }
}
