using System.Text;
using Anatomic.Wire;

namespace Anatomic.Federation.Supernodes;

/// <summary>A query or form, percent-decoded to bytes, because it contains binary hashes (BEP 3).</summary>
internal sealed class Query
{
    private readonly List<(string Name, byte[] Value)> parts = [];

    /// <param name="raw">The text after the question mark, as sent.</param>
    /// <param name="isForm">Whether a plus is a space, as in forms.</param>
    public Query(ReadOnlySpan<char> raw, bool isForm = false)
    {
        foreach (var range in raw.Split('&'))
        {
            var part = raw[range];
            if (part.IsEmpty || parts.Count == FederationLimits.MaxQueryParameters)
            {
                continue;
            }
            var mark = part.IndexOf('=');
            var name = mark < 0 ? part : part[..mark];
            parts.Add((name.ToString(), Decode(mark < 0 ? [] : part[(mark + 1)..], isForm)));
        }
    }

    public string? Text(string name) => Find(name) is { } value ? Encoding.UTF8.GetString(value) : null;

    public int Count(string name) => parts.Count(part => part.Name == name);

    /// <summary>The first value, if it has 20 bytes.</summary>
    public Hash20? Hash(string name) => Find(name) is { Length: Hash20.Length } value ? new Hash20(value) : null;

    /// <summary>The first value, if it has 20 bytes or 40 hexadecimal digits.</summary>
    public Hash20? HashOrHex(string name) =>
        Hash(name) ?? (Hash20.TryParseHex(Text(name), out var parsed) ? parsed : null);

    private byte[]? Find(string name)
    {
        foreach (var part in parts)
        {
            if (part.Name == name)
            {
                return part.Value;
            }
        }
        return null;
    }

    private static byte[] Decode(ReadOnlySpan<char> text, bool isForm)
    {
        var bytes = new List<byte>(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            if (
                text[i] == '%'
                && i + 2 < text.Length
                && byte.TryParse(
                    text.Slice(i + 1, 2),
                    System.Globalization.NumberStyles.AllowHexSpecifier,
                    null,
                    out var value
                )
            )
            {
                bytes.Add(value);
                i += 2;
            }
            else if (isForm && text[i] == '+')
            {
                bytes.Add((byte)' ');
            }
            else if (
                Rune.DecodeFromUtf16(text[i..], out var rune, out var taken) == System.Buffers.OperationStatus.Done
            )
            {
                bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                i += taken - 1;
            }
        }
        return [.. bytes];
    }
}
