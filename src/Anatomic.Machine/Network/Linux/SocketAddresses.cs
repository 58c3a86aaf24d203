using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Anatomic.Wire;

namespace Anatomic.Machine.Network.Linux;

/// <summary>
/// The kernel's forms of addresses: struct sockaddr_in, sockaddr_in6, and the packet info of ip(7) and ipv6(7).
/// </summary>
internal static class SocketAddresses
{
    /// <summary>Buffer size for both families: sockaddr_in6 has 28 bytes.</summary>
    public const int NameBytes = 32;

    /// <summary>Buffer size for one packet info: a head of 16 bytes and 12 (IPv4) or 20 (IPv6), aligned to 8.</summary>
    public const int ControlBytes = 40;

    /// <summary>Length of sockaddr_in6; sockaddr_in is shorter.</summary>
    public const int V6Bytes = 28;

    private const int HeadBytes = 16;
    private const int V4Bytes = 16;

    /// <summary>
    /// Reads the sender of a datagram; false for an incomplete address, or one that nothing can be sent to.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> name, bool v4, out Endpoint from)
    {
        from = default;
        if (name.Length < (v4 ? V4Bytes : V6Bytes))
        {
            return false;
        }
        var port = BinaryPrimitives.ReadUInt16BigEndian(name[2..]);
        from = v4
            ? Endpoint.FromV4(BinaryPrimitives.ReadUInt32BigEndian(name[4..]), port)
            : Endpoint.FromV6(name.Slice(8, 16), port);
        return port != 0;
    }

    /// <summary>
    /// Turns the packet info of a received datagram into that of its reply: the same local address, and any interface
    /// that the routes choose. Returns its length; 0 when the system chooses the address.
    /// </summary>
    public static int ReversePacketInfo(Span<byte> control, bool v4)
    {
        var bytes = v4 ? HeadBytes + 12 : HeadBytes + 20;
        if (
            control.Length < bytes
            || Unsafe.ReadUnaligned<nuint>(ref control[0]) != (nuint)bytes
            || Unsafe.ReadUnaligned<int>(ref control[8]) != (v4 ? LinuxCalls.LevelV4 : LinuxCalls.LevelV6)
            || Unsafe.ReadUnaligned<int>(ref control[12]) != (v4 ? LinuxCalls.PacketInfoV4 : LinuxCalls.PacketInfoV6)
        )
        {
            return 0;
        }
        var info = control[HeadBytes..];
        if (v4)
        {
            // The routes choose the interface. The next field already is the local address, also for a broadcast.
            info[..4].Clear();
            return control.Length;
        }
        const byte Multicast = 0xFF;
        if (info[0] == Multicast)
        {
            return 0;
        }
        // fe80::/10, which needs its interface.
        var linkLocal = info[0] == 0xFE && (info[1] & 0xC0) == 0x80;
        if (!linkLocal)
        {
            info.Slice(16, 4).Clear();
        }
        return control.Length;
    }
}
