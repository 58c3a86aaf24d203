using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Anatomic.Wire.Bencoding;

/// <summary>
/// Writes canonical bencoding (BEP 3). Callers write dictionary keys in ascending byte order and close what they open;
/// anything else is a bug. <code>writer.BeginDictionary().Key("a"u8).Integer(1).Key("b"u8).Bytes(x).End()</code>
/// </summary>
public sealed class BencodeWriter(IBufferWriter<byte> output)
{
    private readonly Stack<byte[]?> open = new();
    private readonly ArrayBufferWriter<byte>? own = output as ArrayBufferWriter<byte>;

    /// <summary>Writes into a buffer of its own; <see cref="ToArray"/> returns it.</summary>
    public BencodeWriter()
        : this(new ArrayBufferWriter<byte>()) { }

    public byte[] ToArray()
    {
        Invariant.Holds(own is not null && open.Count == 0);
        return own.WrittenSpan.ToArray();
    }

    public BencodeWriter Integer(long value)
    {
        var into = output.GetSpan(BencodeLimits.MaxIntegerChars + 2);
        into[0] = (byte)'i';
        Utf8Formatter.TryFormat(value, into[1..], out var length);
        into[length + 1] = (byte)'e';
        output.Advance(length + 2);
        return this;
    }

    public BencodeWriter Bytes(ReadOnlySpan<byte> value)
    {
        var into = output.GetSpan(BencodeLimits.MaxIntegerChars);
        Utf8Formatter.TryFormat(value.Length, into, out var length);
        into[length] = (byte)':';
        output.Advance(length + 1);
        output.Write(value);
        return this;
    }

    /// <summary>A text, encoded as UTF-8.</summary>
    public BencodeWriter Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    public BencodeWriter BeginList() => Begin((byte)'l', null);

    public BencodeWriter BeginDictionary() => Begin((byte)'d', []);

    public BencodeWriter Key(ReadOnlySpan<byte> key)
    {
        var before = open.Pop();
        Invariant.Holds(before is not null && (before.Length == 0 || before.AsSpan().SequenceCompareTo(key) < 0));
        open.Push(key.ToArray());
        return Bytes(key);
    }

    public BencodeWriter End()
    {
        Invariant.Holds(open.TryPop(out _));
        output.Write("e"u8);
        return this;
    }

    /// <summary>One value that is already encoded.</summary>
    public BencodeWriter Raw(ReadOnlySpan<byte> encoded)
    {
        output.Write(encoded);
        return this;
    }

    private BencodeWriter Begin(byte kind, byte[]? before)
    {
        open.Push(before);
        output.Write([kind]);
        return this;
    }
}
