using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Linux;

/// <summary>Addresses in the kernel's form, struct sockaddr_in and sockaddr_in6; of loopback only.</summary>
internal static class SocketName
{
    /// <summary>sockaddr_in6, the longer of the two.</summary>
    public const int MaxBytes = 28;

    /// <exception cref="PeersException">It is not a loopback address: the load stays on this machine.</exception>
    public static byte[] Of(IPEndPoint endpoint)
    {
        if (!IPAddress.IsLoopback(endpoint.Address))
        {
            throw new PeersException($"{endpoint} is not a loopback address: no load is sent anywhere else");
        }
        return endpoint.AddressFamily == AddressFamily.InterNetwork
            ? Of(BinaryPrimitives.ReadUInt32BigEndian(endpoint.Address.GetAddressBytes()), endpoint.Port)
            : OfV6(endpoint);
    }

    /// <summary>An IPv4 address as a number; 0 is every address of a socket.</summary>
    public static byte[] Of(uint address, int port)
    {
        var name = new byte[16];
        MemoryMarshal.Write(name, (ushort)LinuxCalls.FamilyV4);
        BinaryPrimitives.WriteUInt16BigEndian(name.AsSpan(2), (ushort)port);
        BinaryPrimitives.WriteUInt32BigEndian(name.AsSpan(4), address);
        return name;
    }

    private static byte[] OfV6(IPEndPoint endpoint)
    {
        var name = new byte[MaxBytes];
        MemoryMarshal.Write(name, (ushort)LinuxCalls.FamilyV6);
        BinaryPrimitives.WriteUInt16BigEndian(name.AsSpan(2), (ushort)endpoint.Port);
        endpoint.Address.GetAddressBytes().CopyTo(name.AsSpan(8));
        return name;
    }
}
