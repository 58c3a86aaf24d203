using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Anatomic.Wire.Bencoding;

public enum BencodeKind
{
    Integer,
    Bytes,
    List,
    Dictionary,
}

/// <summary>How strictly bencoding is read.</summary>
public enum BencodeMode
{
    /// <summary>One spelling for each value (BEP 3): keys sorted and unique, no leading zeros, no minus zero.</summary>
    Strict,

    /// <summary>
    /// For metainfo found in the wild: unsorted keys, leading zeros and minus zero are taken. Of two equal keys the first
    /// counts. Whatever is read so keeps its raw bytes, so that an info-hash stays that of the original.
    /// </summary>
    Tolerant,
}

/// <summary>A bencoded value (BEP 3) with the raw bytes that it was read from.</summary>
public sealed class BencodeValue
{
    private readonly long integer;
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly IReadOnlyList<BencodeValue>? items;
    private readonly IReadOnlyList<BencodeEntry>? entries;

    internal BencodeValue(ReadOnlyMemory<byte> raw, int position, long integer) =>
        (Kind, Raw, Position, this.integer) = (BencodeKind.Integer, raw, position, integer);

    internal BencodeValue(ReadOnlyMemory<byte> raw, int position, ReadOnlyMemory<byte> bytes) =>
        (Kind, Raw, Position, this.bytes) = (BencodeKind.Bytes, raw, position, bytes);

    internal BencodeValue(ReadOnlyMemory<byte> raw, int position, IReadOnlyList<BencodeValue> items) =>
        (Kind, Raw, Position, this.items) = (BencodeKind.List, raw, position, items);

    internal BencodeValue(ReadOnlyMemory<byte> raw, int position, IReadOnlyList<BencodeEntry> entries) =>
        (Kind, Raw, Position, this.entries) = (BencodeKind.Dictionary, raw, position, entries);

    public BencodeKind Kind { get; }

    /// <summary>The exact bytes of this value, its delimiters included.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>Where the value begins in the input that was parsed.</summary>
    public int Position { get; }

    /// <summary>The number; ask <see cref="Kind"/> first.</summary>
    public long Integer => Kind == BencodeKind.Integer ? integer : throw Wrong(BencodeKind.Integer);

    /// <summary>The content of a byte string; ask <see cref="Kind"/> first.</summary>
    public ReadOnlyMemory<byte> Bytes => Kind == BencodeKind.Bytes ? bytes : throw Wrong(BencodeKind.Bytes);

    public IReadOnlyList<BencodeValue> Items => items ?? throw Wrong(BencodeKind.List);

    /// <summary>The entries in the order of the input.</summary>
    public IReadOnlyList<BencodeEntry> Entries => entries ?? throw Wrong(BencodeKind.Dictionary);

    /// <summary>The value of a key; null when this is no dictionary or has no such key.</summary>
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

    /// <summary>The text of a byte string in UTF-8; what is no UTF-8 becomes U+FFFD.</summary>
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
    )
    {
        if (!TryParsePrefix(input, mode, out value, out fault))
        {
            return false;
        }
        if (value.Raw.Length < input.Length)
        {
            fault = new Fault("there are bytes behind the end of the value", value.Raw.Length);
            value = null;
            return false;
        }
        return true;
    }

    /// <summary>Reads one value from the beginning of the input; what follows it is the caller's (BEP 9's piece).</summary>
    public static bool TryParsePrefix(
        ReadOnlyMemory<byte> input,
        BencodeMode mode,
        [NotNullWhen(true)] out BencodeValue? value,
        [NotNullWhen(false)] out Fault? fault
    ) => new BencodeParser(input, mode).TryRead(out value, out fault);

    private InvalidOperationException Wrong(BencodeKind wanted) => new($"a {Kind} was asked for its {wanted}");
}

public readonly record struct BencodeEntry(ReadOnlyMemory<byte> Key, BencodeValue Value);
