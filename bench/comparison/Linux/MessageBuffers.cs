using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Anatomic.Machine.Network.Linux;

namespace Anatomic.Comparison.Linux;

/// <summary>
/// Buffers for a batch of datagrams and the headers that describe them to the kernel. Allocated once and pinned.
/// </summary>
internal sealed unsafe class MessageBuffers
{
    /// <summary>Datagrams per system call; with more of them a call costs hardly less for each.</summary>
    public const int Capacity = 64;

    /// <summary>Room for one datagram: more than any request or reply within an Ethernet packet.</summary>
    public const int BytesEach = 1536;

    private const int AddressBytes = 32;

    /// <summary>A header of 16 bytes, then struct in_pktinfo (12, aligned to 8) or struct timespec (16).</summary>
    private const int ControlBytes = 32;

    private readonly byte[] payloads = Pinned<byte>(Capacity * BytesEach);
    private readonly byte[] addresses = Pinned<byte>(Capacity * AddressBytes);
    private readonly byte[] controls = Pinned<byte>(Capacity * ControlBytes);
    private readonly MessageHeader[] headers = Pinned<MessageHeader>(Capacity);
    private readonly Part[] parts = Pinned<Part>(Capacity);

    public MessageBuffers()
    {
        for (var i = 0; i < Capacity; i++)
        {
            parts[i].Bytes = PointerTo(payloads) + (i * BytesEach);
            parts[i].Length = BytesEach;
            headers[i].Name = PointerTo(addresses) + (i * AddressBytes);
            headers[i].NameBytes = SocketAddressBytes.MaxBytes;
            headers[i].Parts = PointerTo(parts) + i;
            headers[i].PartCount = 1;
        }
    }

    public MessageHeader* Headers => PointerTo(headers);

    public Span<byte> Payload(int index) => payloads.AsSpan(index * BytesEach, BytesEach);

    /// <summary>The datagram that the kernel wrote into this buffer.</summary>
    public ReadOnlySpan<byte> Received(int index) => payloads.AsSpan(index * BytesEach, (int)headers[index].Length);

    /// <summary>Sets how many bytes of this buffer the kernel sends.</summary>
    public void SetLength(int index, int bytes) => parts[index].Length = (nuint)bytes;

    /// <summary>When the kernel received the datagram; null without a timestamp.</summary>
    public TimeSpec? TimestampOf(int index) =>
        headers[index].ControlBytes == (nuint)sizeof(TimestampMessage)
            ? ((TimestampMessage*)headers[index].Control)->Timestamp
            : null;

    /// <summary>Gives each header room for the timestamp of its datagram.</summary>
    public void EnableTimestamps()
    {
        for (var i = 0; i < Capacity; i++)
        {
            headers[i].Control = PointerTo(controls) + (i * ControlBytes);
            headers[i].ControlBytes = ControlBytes;
        }
    }

    /// <summary>Prepares a buffer to receive again: the kernel has overwritten the lengths.</summary>
    public void Rearm(int index)
    {
        headers[index].ControlBytes = headers[index].Control is null ? 0 : (nuint)ControlBytes;
        parts[index].Length = BytesEach;
        headers[index].NameBytes = SocketAddressBytes.MaxBytes;
    }

    public void SetDestination(int index, ReadOnlySpan<byte> address)
    {
        address.CopyTo(addresses.AsSpan(index * AddressBytes));
        headers[index].NameBytes = (uint)address.Length;
    }

    /// <summary>Makes the datagram leave from this local IPv4 address, whatever its socket is bound to.</summary>
    public void SetSource(int index, uint address)
    {
        var control = PointerTo(controls) + (index * ControlBytes);
        *(nuint*)control = 28;
        *(int*)(control + 8) = LinuxCalls.LevelV4;
        *(int*)(control + 12) = LinuxCalls.PacketInfoV4;
        *(uint*)(control + 20) = BinaryPrimitives.ReverseEndianness(address);
        headers[index].Control = control;
        headers[index].ControlBytes = ControlBytes;
    }

    private static T[] Pinned<T>(int length)
        where T : unmanaged => GC.AllocateArray<T>(length, pinned: true);

    private static T* PointerTo<T>(T[] pinned)
        where T : unmanaged => (T*)Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
}
