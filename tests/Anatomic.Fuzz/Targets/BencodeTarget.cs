using Anatomic.Wire;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Fuzz.Targets;

/// <summary>A value read strictly has one encoding, and can also be read tolerantly.</summary>
internal sealed class BencodeTarget : IFuzzTarget
{
    public string Name => "bencode";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [.. "i0e"u8],
        [.. "i-1e"u8],
        [.. "le"u8],
        [.. "de"u8],
        [.. "0:"u8],
        [.. "d1:a"u8],
        [.. "9223372036854775808"u8],
        [.. "e"u8],
    ];

    public void Run(byte[] input)
    {
        var tolerant = BencodeValue.TryParse(input, BencodeMode.Tolerant, out _, out var fault);
        Invariant.Holds(tolerant == fault is null);
        if (!BencodeValue.TryParse(input, BencodeMode.Strict, out var value, out _))
        {
            return;
        }
        Invariant.Holds(tolerant);
        var writer = new BencodeWriter();
        Write(writer, value);
        Invariant.Holds(writer.ToArray().AsSpan().SequenceEqual(input));
    }

    private static void Write(BencodeWriter writer, BencodeValue value)
    {
        switch (value.Kind)
        {
            case BencodeKind.Integer:
                writer.Integer(value.Integer);
                break;
            case BencodeKind.Bytes:
                writer.Bytes(value.Bytes.Span);
                break;
            case BencodeKind.List:
                writer.BeginList();
                foreach (var item in value.Items)
                {
                    Write(writer, item);
                }
                writer.End();
                break;
            default:
                writer.BeginDictionary();
                foreach (var (key, entry) in value.Entries)
                {
                    Write(writer.Key(key.Span), entry);
                }
                writer.End();
                break;
        }
    }
}
