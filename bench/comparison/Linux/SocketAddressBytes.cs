using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Linux;

/// <summary>Loopback addresses as struct sockaddr_in and sockaddr_in6.</summary>
internal static class SocketAddressBytes
{
    /// <summary>sockaddr_in6, the longer of the two.</summary>
    public const int MaxBytes = 28;

    /// <exception cref="ComparisonException">Not a loopback address: the load never leaves this machine.</exception>
    public static byte[] Of(IPEndPoint endpoint)
    {
        if (!IPAddress.IsLoopback(endpoint.Address))
        {
            throw new ComparisonException($"{endpoint} is not a loopback address; the load must stay on this machine");
        }
        return endpoint.AddressFamily == AddressFamily.InterNetwork
            ? Of(BinaryPrimitives.ReadUInt32BigEndian(endpoint.Address.GetAddressBytes()), endpoint.Port)
            : OfV6(endpoint);
    }

    /// <summary>An IPv4 address as a number; 0 binds to every address.</summary>
    public static byte[] Of(uint address, int port)
    {
        var bytes = new byte[16];
        MemoryMarshal.Write(bytes, (ushort)SystemCalls.FamilyV4);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)port);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), address);
        return bytes;
    }

    private static byte[] OfV6(IPEndPoint endpoint)
    {
        var bytes = new byte[MaxBytes];
        MemoryMarshal.Write(bytes, (ushort)SystemCalls.FamilyV6);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)endpoint.Port);
        endpoint.Address.GetAddressBytes().CopyTo(bytes.AsSpan(8));
        return bytes;
    }
}
