using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Network;

/// <summary>
/// Reads the fields of a dictionary and keeps the first fault, so that callers read all fields and check once. After a
/// fault, fields are zero or empty.
/// </summary>
internal sealed class ItemFields(BencodeValue value, string what)
{
    private Fault? fault =
        value.Kind == BencodeKind.Dictionary ? null : new Fault($"{what} is not a dictionary", value.Position);

    public long Integer(string key, long min, long max)
    {
        if (!value.TryGetInteger(Encoding.ASCII.GetBytes(key), out var number) || number < min || number > max)
        {
            Fail(key, $"is not a number from {min} to {max}");
            return min;
        }
        return number;
    }

    public ReadOnlyMemory<byte> Bytes(string key, int min, int max)
    {
        if (!value.TryGetBytes(Encoding.ASCII.GetBytes(key), out var bytes) || bytes.Length < min || bytes.Length > max)
        {
            Fail(key, min == max ? $"does not have {min} bytes" : $"does not have {min} to {max} bytes");
            return default;
        }
        return bytes;
    }

    public Hash32 Hash32(string key)
    {
        var bytes = Bytes(key, Wire.Hash32.Length, Wire.Hash32.Length);
        return bytes.IsEmpty ? default : new Hash32(bytes.Span);
    }

    public NodeId NodeId(string key) => new(Hash32(key));

    public string Text(string key, int maxBytes)
    {
        var bytes = Bytes(key, 0, maxBytes).Span;
        if (bytes.IndexOfAnyInRange((byte)0, (byte)31) >= 0)
        {
            Fail(key, "contains control characters");
        }
        // Invalid UTF-8 would be decoded to something other than what was signed, and be longer when encoded again.
        if (!Utf8.IsValid(bytes))
        {
            Fail(key, "is not UTF-8");
        }
        return Encoding.UTF8.GetString(bytes);
    }

    public IReadOnlyList<BencodeValue> List(string key, int min, int max)
    {
        if (!value.TryGetList(Encoding.ASCII.GetBytes(key), out var items) || items.Count < min || items.Count > max)
        {
            Fail(key, $"is not a list of {min} to {max} entries");
            return [];
        }
        return items;
    }

    /// <summary>A list of byte strings with lengths within the given bounds.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Strings(string key, int min, int max, int minBytes, int maxBytes)
    {
        var items = List(key, min, max);
        if (
            items.Any(item =>
                item.Kind != BencodeKind.Bytes || item.Bytes.Length < minBytes || item.Bytes.Length > maxBytes
            )
        )
        {
            Fail(key, "contains an entry of the wrong length or kind");
            return [];
        }
        return [.. items.Select(item => item.Bytes)];
    }

    public void Fail(string key, string broken) => fault ??= new Fault($"{what}: {key} {broken}", value.Position);

    public bool IsValid([NotNullWhen(false)] out Fault? found)
    {
        found = fault;
        return fault is null;
    }
}
