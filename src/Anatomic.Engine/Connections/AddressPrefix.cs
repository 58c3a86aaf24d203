using System.Buffers.Binary;
using System.Globalization;
using Anatomic.Wire;

namespace Anatomic.Engine.Connections;

/// <summary>A range of addresses: <c>1.2.3.0/24</c> or <c>2001:db8::/48</c>.</summary>
/// <param name="High">The first 8 bytes, as in <see cref="Endpoint"/>.</param>
/// <param name="Low">The last 8 bytes; an IPv4 address is mapped into IPv6.</param>
/// <param name="Bits">Leading bits that count, of the 128 bits of IPv6: an IPv4 /24 has 120.</param>
public readonly record struct AddressPrefix(ulong High, ulong Low, byte Bits)
{
    /// <summary>Length of <see cref="ToBytes"/>.</summary>
    public const int Length = 17;

    private const int MappedBits = 96;

    /// <summary>
    /// The addresses that one host uses as it likes: one address of IPv4, a /64 of IPv6 (RFC 4291, 2.5.4).
    /// </summary>
    public static AddressPrefix HostOf(in Endpoint address) => Of(address, address.IsV4 ? 128 : 64);

    /// <summary>The network that one organisation usually owns: a /24 of IPv4, a /48 of IPv6 (RFC 6177).</summary>
    public static AddressPrefix NetworkOf(in Endpoint address) => Of(address, address.IsV4 ? 120 : 48);

    /// <summary>The first <paramref name="bits"/> of the 128 bits of an address.</summary>
    public static AddressPrefix Of(in Endpoint address, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 128);
        return new(address.High & Mask(bits), address.Low & Mask(bits - 64), (byte)bits);
    }

    public bool Contains(in Endpoint address) => Of(address, Bits) == this;

    /// <summary>Reads an address, or an address and a prefix length of its own family: <c>1.2.3.0/24</c>.</summary>
    public static bool TryParse(string text, out AddressPrefix prefix)
    {
        prefix = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? text : text[..slash];
        if (!System.Net.IPAddress.TryParse(host, out var parsed))
        {
            return false;
        }
        var address = Endpoint.From(parsed, 0);
        var first = address.IsV4 ? MappedBits : 0;
        var bits = 128 - first;
        if (
            slash >= 0
            && (
                !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits)
                || bits > 128 - first
            )
        )
        {
            return false;
        }
        prefix = Of(address, first + bits);
        return true;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), Low);
        bytes[16] = Bits;
        return bytes;
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out AddressPrefix prefix)
    {
        prefix = default;
        if (bytes.Length != Length || bytes[16] > 128)
        {
            return false;
        }
        prefix = Of(Endpoint.FromV6(bytes[..16], 0), bytes[16]);
        return true;
    }

    public override string ToString()
    {
        var first = new Endpoint(High, Low, 0);
        var isV4 = first.IsV4 && Bits >= MappedBits;
        var bits = isV4 ? Bits - MappedBits : Bits;
        return bits == (isV4 ? 32 : 128) ? $"{first.ToAddress()}" : $"{first.ToAddress()}/{bits}";
    }

    private static ulong Mask(int bits) =>
        bits <= 0 ? 0
        : bits >= 64 ? ulong.MaxValue
        : ulong.MaxValue << (64 - bits);
}
