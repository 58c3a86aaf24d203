using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Anatomic.Wire.Bencoding;

public enum BencodeKind
{
    Integer,
    Bytes,
    List,
    Dictionary,

    /// <summary>
    /// A number that does not fit into 64 bits, or is none; only in <see cref="BencodeMode.Tolerant"/>. It has no
    /// value, so that it reads as a missing key.
    /// </summary>
    Unreadable,
}

/// <summary>How strictly bencoding is read.</summary>
public enum BencodeMode
{
    /// <summary>
    /// Exactly one encoding per value (BEP 3): keys sorted and unique, no leading zeros, no minus zero.
    /// </summary>
    Strict,

    /// <summary>
    /// For what other programs write: accepts unsorted keys, leading zeros and minus zero. Of two equal keys the first
    /// counts. A number out of range spoils only its own key. Values keep their raw bytes, so info-hashes match the
    /// original.
    /// </summary>
    Tolerant,
}

/// <summary>A bencoded value (BEP 3), with the raw bytes it was read from.</summary>
public sealed class BencodeValue
{
    private readonly long integer;
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly IReadOnlyList<BencodeValue>? items;
    private readonly IReadOnlyList<BencodeEntry>? entries;

    internal BencodeValue(ReadOnlyMemory<byte> raw, int position) =>
        (Kind, Raw, Position) = (BencodeKind.Unreadable, raw, position);

    internal BencodeValue(ReadOnlyMemory<byte> raw, int position, long integer) =>
        (Kind, Raw, Position, this.integer) = (BencodeKind.Integer, raw, position, integer);

    internal BencodeValue(ReadOnlyMemory<byte> raw, int position, ReadOnlyMemory<byte> bytes) =>
        (Kind, Raw, Position, this.bytes) = (BencodeKind.Bytes, raw, position, bytes);

    internal BencodeValue(ReadOnlyMemory<byte> raw, int position, IReadOnlyList<BencodeValue> items) =>
        (Kind, Raw, Position, this.items) = (BencodeKind.List, raw, position, items);

    internal BencodeValue(ReadOnlyMemory<byte> raw, int position, IReadOnlyList<BencodeEntry> entries) =>
        (Kind, Raw, Position, this.entries) = (BencodeKind.Dictionary, raw, position, entries);

    public BencodeKind Kind { get; }

    /// <summary>The raw bytes of this value, delimiters included.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>Offset of the value in the parsed input.</summary>
    public int Position { get; }

    /// <summary>The integer; throws unless <see cref="Kind"/> is Integer.</summary>
    public long Integer => Kind == BencodeKind.Integer ? integer : throw Wrong(BencodeKind.Integer);

    /// <summary>The content of a byte string; throws unless <see cref="Kind"/> is Bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => Kind == BencodeKind.Bytes ? bytes : throw Wrong(BencodeKind.Bytes);

    public IReadOnlyList<BencodeValue> Items => items ?? throw Wrong(BencodeKind.List);

    /// <summary>The entries, in the order of the input.</summary>
    public IReadOnlyList<BencodeEntry> Entries => entries ?? throw Wrong(BencodeKind.Dictionary);

    /// <summary>The value of a key; null when this is not a dictionary or lacks the key.</summary>
    public BencodeValue? Find(ReadOnlySpan<byte> key)
    {
        foreach (var entry in entries ?? [])
        {
            if (entry.Key.Span.SequenceEqual(key))
            {
                return entry.Value;
            }
        }
        return null;
    }

    public bool TryGetInteger(ReadOnlySpan<byte> key, out long value)
    {
        var found = Find(key);
        value = found?.Kind == BencodeKind.Integer ? found.integer : 0;
        return found?.Kind == BencodeKind.Integer;
    }

    public bool TryGetBytes(ReadOnlySpan<byte> key, out ReadOnlyMemory<byte> value)
    {
        var found = Find(key);
        value = found?.Kind == BencodeKind.Bytes ? found.bytes : default;
        return found?.Kind == BencodeKind.Bytes;
    }

    /// <summary>The UTF-8 text of a byte string; invalid bytes become U+FFFD.</summary>
    public bool TryGetText(ReadOnlySpan<byte> key, [NotNullWhen(true)] out string? value)
    {
        var fine = TryGetBytes(key, out var found);
        value = fine ? Encoding.UTF8.GetString(found.Span) : null;
        return fine;
    }

    public bool TryGetList(ReadOnlySpan<byte> key, [NotNullWhen(true)] out IReadOnlyList<BencodeValue>? value)
    {
        value = Find(key)?.items;
        return value is not null;
    }

    /// <summary>Reads one value that fills the whole input.</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> input,
        BencodeMode mode,
        [NotNullWhen(true)] out BencodeValue? value,
        [NotNullWhen(false)] out Fault? fault
    ) => new BencodeParser(input, mode).TryReadWhole(out value, out fault);

    /// <summary>
    /// Reads one value from the beginning of the input and ignores the rest (BEP 9: a piece of metadata follows).
    /// </summary>
    public static bool TryParsePrefix(
        ReadOnlyMemory<byte> input,
        BencodeMode mode,
        [NotNullWhen(true)] out BencodeValue? value,
        [NotNullWhen(false)] out Fault? fault
    ) => new BencodeParser(input, mode).TryRead(out value, out fault);

    private InvalidOperationException Wrong(BencodeKind wanted) => new($"a value of kind {Kind} was read as {wanted}");
}

public readonly record struct BencodeEntry(ReadOnlyMemory<byte> Key, BencodeValue Value);
