using System.Buffers.Text;
using Anatomic.Comparison.CommandLine;
using Anatomic.Wire;

namespace Anatomic.Comparison.Http;

/// <summary>Writes requests without allocating.</summary>
internal ref struct HttpText(Span<byte> into)
{
    private readonly Span<byte> into = into;

    public int Length { get; private set; }

    public HttpText Text(ReadOnlySpan<byte> text)
    {
        text.CopyTo(into[Length..]);
        Length += text.Length;
        return this;
    }

    public HttpText Number(int number)
    {
        if (!Utf8Formatter.TryFormat(number, into[Length..], out var digits))
        {
            throw new PeersException("a request is longer than its room");
        }
        Length += digits;
        return this;
    }

    /// <summary>Every byte as <c>%xx</c>, which several clients send.</summary>
    public HttpText Escaped(Hash20 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash20.Length];
        hash.CopyTo(bytes);
        foreach (var one in bytes)
        {
            into[Length] = (byte)'%';
            into[Length + 1] = "0123456789abcdef"u8[one >> 4];
            into[Length + 2] = "0123456789abcdef"u8[one & 15];
            Length += 3;
        }
        return this;
    }
}
