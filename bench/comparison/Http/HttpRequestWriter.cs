using System.Buffers.Text;
using Anatomic.Comparison.CommandLine;
using Anatomic.Wire;

namespace Anatomic.Comparison.Http;

/// <summary>Writes a request to a buffer without allocating.</summary>
internal ref struct HttpRequestWriter(Span<byte> buffer)
{
    private readonly Span<byte> buffer = buffer;

    public int Length { get; private set; }

    public HttpRequestWriter Text(ReadOnlySpan<byte> text)
    {
        text.CopyTo(buffer[Length..]);
        Length += text.Length;
        return this;
    }

    public HttpRequestWriter Number(int number)
    {
        if (!Utf8Formatter.TryFormat(number, buffer[Length..], out var digits))
        {
            throw new ComparisonException("a request does not fit its buffer");
        }
        Length += digits;
        return this;
    }

    /// <summary>Writes every byte as <c>%xx</c>, as several clients do.</summary>
    public HttpRequestWriter Escaped(Hash20 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash20.Length];
        hash.CopyTo(bytes);
        foreach (var one in bytes)
        {
            buffer[Length] = (byte)'%';
            buffer[Length + 1] = "0123456789abcdef"u8[one >> 4];
            buffer[Length + 2] = "0123456789abcdef"u8[one & 15];
            Length += 3;
        }
        return this;
    }
}
