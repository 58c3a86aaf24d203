using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Anatomic.Wire;

/// <summary>
/// An address and a port as one value. IPv4 addresses are stored as IPv4-mapped IPv6 (RFC 4291, 2.5.5.2), so one struct
/// serves both families; <see cref="IsV4"/> tells which compact form to write (BEP 23: 6 bytes, BEP 7: 18).
/// </summary>
/// <param name="High">The first 8 bytes of the address, big-endian.</param>
/// <param name="Low">The last 8 bytes of the address, big-endian.</param>
/// <param name="Port">0–65535.</param>
public readonly record struct Endpoint(ulong High, ulong Low, ushort Port) : IComparable<Endpoint>
{
    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000;

    public bool IsV4
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => High == 0 && (Low & 0xFFFF_FFFF_0000_0000) == MappedPrefix;
    }

    /// <summary>The IPv4 address as a number; only valid if <see cref="IsV4"/>.</summary>
    public uint V4 => (uint)Low;

    public static Endpoint FromV4(uint address, ushort port) => new(0, MappedPrefix | address, port);

    public static Endpoint From(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            address.TryWriteBytes(bytes, out _);
            return FromV4(BinaryPrimitives.ReadUInt32BigEndian(bytes), (ushort)port);
        }
        address.TryWriteBytes(bytes, out _);
        return FromV6(bytes, (ushort)port);
    }

    public static Endpoint From(IPEndPoint endpoint) => From(endpoint.Address, endpoint.Port);

    /// <summary>From the 16 bytes of an IPv6 address.</summary>
    public static Endpoint FromV6(ReadOnlySpan<byte> address, ushort port) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(address), BinaryPrimitives.ReadUInt64BigEndian(address[8..]), port);

    /// <summary>Reads a compact peer: 6 bytes (BEP 23) or 18 bytes (BEP 7).</summary>
    public static Endpoint FromCompact(ReadOnlySpan<byte> compact) =>
        compact.Length == 6
            ? FromV4(BinaryPrimitives.ReadUInt32BigEndian(compact), BinaryPrimitives.ReadUInt16BigEndian(compact[4..]))
            : FromV6(compact[..16], BinaryPrimitives.ReadUInt16BigEndian(compact[16..18]));

    /// <summary>Writes the compact form and returns its length, 6 or 18.</summary>
    public int WriteCompact(Span<byte> into)
    {
        if (IsV4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(into, V4);
            BinaryPrimitives.WriteUInt16BigEndian(into[4..], Port);
            return 6;
        }
        BinaryPrimitives.WriteUInt64BigEndian(into, High);
        BinaryPrimitives.WriteUInt64BigEndian(into[8..], Low);
        BinaryPrimitives.WriteUInt16BigEndian(into[16..], Port);
        return 18;
    }

    public Endpoint WithPort(int port) => this with { Port = (ushort)port };

    public IPAddress ToAddress()
    {
        Span<byte> bytes = stackalloc byte[18];
        var length = WriteCompact(bytes);
        return new IPAddress(bytes[..(length - 2)]);
    }

    public IPEndPoint ToIPEndPoint() => new(ToAddress(), Port);

    /// <summary>Reads <c>1.2.3.4:80</c> or <c>[::1]:80</c>; host names are not endpoints.</summary>
    public static bool TryParse(string text, out Endpoint endpoint)
    {
        endpoint = default;
        var colon = text.LastIndexOf(':');
        if (
            colon < 1
            || !ushort.TryParse(text.AsSpan(colon + 1), out var port)
            || !IPAddress.TryParse(text.AsSpan(0, colon).Trim("[]"), out var address)
            || (address.AddressFamily == AddressFamily.InterNetworkV6) != text.StartsWith('[')
        )
        {
            return false;
        }
        endpoint = From(address, port);
        return true;
    }

    /// <summary>Orders by address, then by port; the order is the same on every machine.</summary>
    public int CompareTo(Endpoint other)
    {
        var byHigh = High.CompareTo(other.High);
        if (byHigh != 0)
        {
            return byHigh;
        }
        var byLow = Low.CompareTo(other.Low);
        return byLow != 0 ? byLow : Port.CompareTo(other.Port);
    }

    public static bool operator <(Endpoint left, Endpoint right) => left.CompareTo(right) < 0;

    public static bool operator >(Endpoint left, Endpoint right) => left.CompareTo(right) > 0;

    public static bool operator <=(Endpoint left, Endpoint right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Endpoint left, Endpoint right) => left.CompareTo(right) >= 0;

    public override string ToString() => ToIPEndPoint().ToString();
}
