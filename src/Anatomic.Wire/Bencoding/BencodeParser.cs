using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Anatomic.Wire.Bencoding;

/// <summary>Parses bencoding in one pass, recursively up to <see cref="BencodeLimits.MaxDepth"/>.</summary>
internal sealed class BencodeParser(ReadOnlyMemory<byte> input, BencodeMode mode)
{
    /// <summary>What an odd integer consists of: too many digits, a plus, or a fraction.</summary>
    private static readonly SearchValues<byte> NumberBytes = SearchValues.Create("+-.0123456789"u8);

    /// <summary>
    /// Levels around the input where it will be used. What is read alone must also be readable there.
    /// </summary>
    public int OuterDepth { get; init; }

    /// <summary>Most values; no more than <see cref="BencodeLimits.MaxValues"/>.</summary>
    public int MaxValues { get; init; } = BencodeLimits.MaxValues;

    private int at;
    private int values;
    private Fault? fault;

    public bool TryRead([NotNullWhen(true)] out BencodeValue? value, [NotNullWhen(false)] out Fault? broken)
    {
        value = Read(OuterDepth);
        broken = value is null ? fault ?? new Fault("the value cannot be read", at) : null;
        return value is not null;
    }

    /// <summary>Reads one value that fills the whole input.</summary>
    public bool TryReadWhole([NotNullWhen(true)] out BencodeValue? value, [NotNullWhen(false)] out Fault? broken)
    {
        if (TryRead(out value, out broken) && at < input.Length)
        {
            broken = new Fault("there is data after the end of the value", at);
            value = null;
        }
        return value is not null;
    }

    private BencodeValue? Fail(string what, int position)
    {
        fault ??= new Fault(what, position);
        return null;
    }

    private BencodeValue? Read(int depth)
    {
        if (at >= input.Length)
        {
            return Fail("the data ends where a value is expected", at);
        }
        if (++values > MaxValues)
        {
            return Fail($"there are more than {MaxValues:N0} values", at);
        }
        if (depth > BencodeLimits.MaxDepth)
        {
            return Fail($"values are nested deeper than {BencodeLimits.MaxDepth} levels", at);
        }
        var first = input.Span[at];
        return first switch
        {
            (byte)'i' => ReadInteger(),
            (byte)'l' => ReadList(depth),
            (byte)'d' => ReadDictionary(depth),
            >= (byte)'0' and <= (byte)'9' => ReadBytes(),
            _ => Fail($"byte 0x{first:x2} does not start a value", at),
        };
    }

    private BencodeValue? ReadInteger()
    {
        var begin = at++;
        if (mode == BencodeMode.Tolerant && TryPassOddInteger())
        {
            return new BencodeValue(input[begin..at], begin);
        }
        if (!TryReadNumber((byte)'e', allowMinus: true, begin, out var number))
        {
            return null;
        }
        return new BencodeValue(input[begin..at], begin, number);
    }

    /// <summary>Passes over an integer that has no value in 64 bits.</summary>
    private bool TryPassOddInteger()
    {
        var rest = input.Span[at..];
        var length = rest[..Math.Min(rest.Length, BencodeLimits.MaxOddIntegerChars + 1)].IndexOf((byte)'e');
        if (length < 0 || rest[..length].ContainsAnyExcept(NumberBytes))
        {
            return false;
        }
        var isInteger =
            rest is not [(byte)'+', ..]
            && long.TryParse(rest[..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        at += isInteger ? 0 : length + 1;
        return !isInteger;
    }

    private BencodeValue? ReadBytes()
    {
        var begin = at;
        if (!TryReadNumber((byte)':', allowMinus: false, begin, out var length))
        {
            return null;
        }
        if (length > input.Length - at)
        {
            return Fail($"a string of {length:N0} bytes extends beyond the end", begin);
        }
        var content = input.Slice(at, (int)length);
        at += (int)length;
        return new BencodeValue(input[begin..at], begin, content);
    }

    private BencodeValue? ReadList(int depth)
    {
        var begin = at++;
        var items = new List<BencodeValue>();
        while (!TryEnd())
        {
            var item = Read(depth + 1);
            if (item is null)
            {
                return null;
            }
            items.Add(item);
        }
        return new BencodeValue(input[begin..at], begin, items);
    }

    private BencodeValue? ReadDictionary(int depth)
    {
        var begin = at++;
        var entries = new List<BencodeEntry>();
        while (!TryEnd())
        {
            var keyAt = at;
            if (at < input.Length && input.Span[at] is < (byte)'0' or > (byte)'9')
            {
                return Fail("a dictionary key is not a string", keyAt);
            }
            var key = Read(depth + 1);
            if (key is null)
            {
                return null;
            }
            if (
                mode == BencodeMode.Strict
                && entries.Count > 0
                && !Ascends(entries[^1].Key.Span, key.Bytes.Span, keyAt)
            )
            {
                return null;
            }
            var value = Read(depth + 1);
            if (value is null)
            {
                return null;
            }
            entries.Add(new BencodeEntry(key.Bytes, value));
        }
        return new BencodeValue(input[begin..at], begin, entries);
    }

    private bool Ascends(ReadOnlySpan<byte> before, ReadOnlySpan<byte> key, int keyAt)
    {
        var order = before.SequenceCompareTo(key);
        if (order >= 0)
        {
            Fail(order == 0 ? "a dictionary contains a key twice" : "the keys of a dictionary are not sorted", keyAt);
        }
        return order < 0;
    }

    private bool TryEnd()
    {
        if (at < input.Length && input.Span[at] == (byte)'e')
        {
            at++;
            return true;
        }
        return false;
    }

    private bool TryReadNumber(byte end, bool allowMinus, int begin, out long number)
    {
        number = 0;
        var rest = input.Span[at..];
        var length = rest[..Math.Min(rest.Length, BencodeLimits.MaxIntegerChars + 1)].IndexOf(end);
        if (length < 0)
        {
            Fail(end == ':' ? "the length of a string does not end with a colon" : "an integer does not end", begin);
            return false;
        }
        var digits = rest[..length];
        at += length + 1;
        var negative = allowMinus && digits.StartsWith("-"u8);
        var magnitude = negative ? digits[1..] : digits;
        if (magnitude.IsEmpty || magnitude.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            Fail(end == ':' ? "the length of a string is not a number" : "an integer is not a number", begin);
            return false;
        }
        if (mode == BencodeMode.Strict && magnitude[0] == '0' && (magnitude.Length > 1 || negative))
        {
            Fail("a number has a leading zero or is minus zero", begin);
            return false;
        }
        if (!long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            Fail("a number does not fit into 64 bits", begin);
            return false;
        }
        return true;
    }
}
