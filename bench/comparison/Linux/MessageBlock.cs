using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Anatomic.Comparison.Linux;

/// <summary>Buffers of a batch of datagrams and the headers that tell the kernel where they are: made once, pinned for good.</summary>
internal sealed unsafe class MessageBlock
{
    /// <summary>Datagrams a call: beyond it, a call costs hardly less for each.</summary>
    public const int Capacity = 64;

    /// <summary>Longer than any request or reply of the protocol within an Ethernet packet.</summary>
    public const int BytesEach = 1536;

    /// <summary>Head of 16 bytes, struct in_pktinfo of 12 aligned to 8, or struct timespec of 16.</summary>
    private const int ControlBytes = 32;

    private readonly byte[] payloads = Pinned<byte>(Capacity * BytesEach);
    private readonly byte[] names = Pinned<byte>(Capacity * 32);
    private readonly byte[] controls = Pinned<byte>(Capacity * ControlBytes);
    private readonly MessageHeader[] headers = Pinned<MessageHeader>(Capacity);
    private readonly Part[] parts = Pinned<Part>(Capacity);

    public MessageBlock()
    {
        for (var i = 0; i < Capacity; i++)
        {
            parts[i].Bytes = AddressOf(payloads) + (i * BytesEach);
            parts[i].Length = BytesEach;
            headers[i].Name = AddressOf(names) + (i * 32);
            headers[i].NameBytes = SocketName.MaxBytes;
            headers[i].Parts = AddressOf(parts) + i;
            headers[i].PartCount = 1;
        }
    }

    public MessageHeader* Headers => AddressOf(headers);

    public Span<byte> Payload(int index) => payloads.AsSpan(index * BytesEach, BytesEach);

    /// <summary>What the kernel has put into this place.</summary>
    public ReadOnlySpan<byte> Received(int index) => payloads.AsSpan(index * BytesEach, (int)headers[index].Length);

    /// <summary>How many bytes the kernel is to send of this place.</summary>
    public void SetLength(int index, int bytes) => parts[index].Length = (nuint)bytes;

    /// <summary>When the kernel took in what is in this place, if it was to say so.</summary>
    public TimeStamp? StampOf(int index) =>
        headers[index].ControlBytes == (nuint)sizeof(StampMessage)
            ? ((StampMessage*)headers[index].Control)->Stamp
            : null;

    /// <summary>The kernel is to say of each datagram when it took it in.</summary>
    public void MakeRoomForStamps()
    {
        for (var i = 0; i < Capacity; i++)
        {
            headers[i].Control = AddressOf(controls) + (i * ControlBytes);
            headers[i].ControlBytes = ControlBytes;
        }
    }

    /// <summary>Makes a place ready to receive again: the kernel wrote over the lengths.</summary>
    public void Rearm(int index)
    {
        headers[index].ControlBytes = headers[index].Control is null ? 0 : (nuint)ControlBytes;
        parts[index].Length = BytesEach;
        headers[index].NameBytes = SocketName.MaxBytes;
    }

    public void SetName(int index, ReadOnlySpan<byte> name)
    {
        name.CopyTo(names.AsSpan(index * 32));
        headers[index].NameBytes = (uint)name.Length;
    }

    /// <summary>The datagram is to leave from this IPv4 address of the machine, whatever its socket is bound to.</summary>
    public void SetSource(int index, uint address)
    {
        var control = AddressOf(controls) + (index * ControlBytes);
        *(nuint*)control = 28;
        *(int*)(control + 8) = LinuxCalls.LevelV4;
        *(int*)(control + 12) = LinuxCalls.PacketInfoV4;
        *(uint*)(control + 20) = BinaryPrimitives.ReverseEndianness(address);
        headers[index].Control = control;
        headers[index].ControlBytes = ControlBytes;
    }

    private static T[] Pinned<T>(int length)
        where T : unmanaged => GC.AllocateArray<T>(length, pinned: true);

    private static T* AddressOf<T>(T[] pinned)
        where T : unmanaged => (T*)Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
}
