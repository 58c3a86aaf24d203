using System.Runtime.InteropServices;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network.Linux;

/// <summary>
/// The buffers of one socket's received and sent batches, and the headers that describe them to the kernel, allocated
/// once and pinned. A reply reuses the address, scope and packet info of its request.
/// </summary>
internal sealed unsafe class LinuxDatagramBuffers : ReplyBatch
{
    private const int Capacity = MachineLimits.DatagramBatch;

    // The longest reply, rounded up to cache lines.
    private const int ReplyStride = (MaxReplyBytes + 63) / 64 * 64;

    private readonly bool v4;
    private readonly bool wildcard;
    private readonly byte[] payloads = Pinned<byte>(Capacity * MachineLimits.DatagramBytes);
    private readonly byte[] replies = Pinned<byte>(Capacity * ReplyStride);
    private readonly byte[] names = Pinned<byte>(Capacity * SocketAddresses.NameBytes);
    private readonly byte[] controls = Pinned<byte>(Capacity * SocketAddresses.ControlBytes);
    private readonly MessageHeader[] received = Pinned<MessageHeader>(Capacity);
    private readonly MessageHeader[] sent = Pinned<MessageHeader>(Capacity);
    private readonly Part[] receivedParts = Pinned<Part>(Capacity);
    private readonly Part[] sentParts = Pinned<Part>(Capacity);
    private readonly DatagramSlice[] slices = new DatagramSlice[Capacity];

    /// <summary>
    /// Index of each slice in the kernel's batch; some datagrams are dropped before the handler sees them.
    /// </summary>
    private readonly int[] places = new int[Capacity];

    private int count;
    private int answered;

    /// <param name="v4">Whether the socket uses IPv4.</param>
    /// <param name="wildcard">
    /// Whether the socket is bound to all addresses, so that replies must choose the right source address.
    /// </param>
    public LinuxDatagramBuffers(bool v4, bool wildcard)
    {
        this.v4 = v4;
        this.wildcard = wildcard;
        for (var i = 0; i < Capacity; i++)
        {
            receivedParts[i].Bytes = AddressOf(payloads) + (i * MachineLimits.DatagramBytes);
            receivedParts[i].Length = MachineLimits.DatagramBytes;
            received[i].Name = AddressOf(names) + (i * SocketAddresses.NameBytes);
            received[i].Parts = AddressOf(receivedParts) + i;
            received[i].PartCount = 1;
            received[i].Control = wildcard ? AddressOf(controls) + (i * SocketAddresses.ControlBytes) : null;
            Rearm(ref received[i]);
            sentParts[i].Bytes = AddressOf(replies) + (i * ReplyStride);
            sent[i].Parts = AddressOf(sentParts) + i;
            sent[i].PartCount = 1;
        }
    }

    /// <summary>Headers for the kernel to fill.</summary>
    public MessageHeader* Received => AddressOf(received);

    /// <summary>Headers for the kernel to send, <see cref="ReplyCount"/> of them.</summary>
    public MessageHeader* Replies => AddressOf(sent);

    public int ReplyCount { get; private set; }

    /// <summary>The datagrams of the last <see cref="ReadReceived"/>, for the handler.</summary>
    public DatagramBatch Batch => new(payloads, slices.AsSpan(0, count));

    /// <summary>Reads the headers filled by the kernel; returns the number of datagrams for the handler.</summary>
    public int ReadReceived(int filled)
    {
        count = 0;
        answered = 0;
        ReplyCount = 0;
        for (var i = 0; i < filled; i++)
        {
            ref readonly var header = ref received[i];
            var name = names.AsSpan(
                i * SocketAddresses.NameBytes,
                (int)Math.Min(header.NameBytes, SocketAddresses.NameBytes)
            );
            if ((header.Flags & LinuxCalls.Truncated) == 0 && SocketAddresses.TryRead(name, v4, out var from))
            {
                slices[count] = new DatagramSlice(i * MachineLimits.DatagramBytes, (int)header.Length, from);
                places[count++] = i;
            }
        }
        return count;
    }

    /// <summary>
    /// Prepares the headers of the last batch for the next one, because the kernel overwrote the lengths.
    /// </summary>
    public void Rearm(int filled)
    {
        for (var i = 0; i < filled; i++)
        {
            Rearm(ref received[i]);
        }
    }

    public override Span<byte> Next()
    {
        Invariant.Holds(ReplyCount < count, "at most one reply per datagram of a batch");
        return replies.AsSpan(ReplyCount * ReplyStride, MaxReplyBytes);
    }

    public override void Commit(int length, in Endpoint to)
    {
        Invariant.Holds(ReplyCount < count && length is >= 0 and <= MaxReplyBytes);
        // Replies are in the order of their requests, so every slice is visited once in all.
        while (answered < count && slices[answered].From != to)
        {
            answered++;
        }
        Invariant.Holds(answered < count, "a reply goes to the sender of a datagram of its batch, in the same order");
        ref readonly var request = ref received[places[answered++]];
        ref var reply = ref sent[ReplyCount];
        reply.Name = request.Name;
        reply.NameBytes = request.NameBytes;
        var control = wildcard
            ? SocketAddresses.ReversePacketInfo(new Span<byte>(request.Control, (int)request.ControlBytes), v4)
            : 0;
        reply.Control = control > 0 ? request.Control : null;
        reply.ControlBytes = (nuint)control;
        sentParts[ReplyCount++].Length = (nuint)length;
    }

    private static T[] Pinned<T>(int length)
        where T : unmanaged => GC.AllocateArray<T>(length, pinned: true);

    private static T* AddressOf<T>(T[] pinned)
        where T : unmanaged => (T*)Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);

    private void Rearm(ref MessageHeader header)
    {
        header.NameBytes = SocketAddresses.NameBytes;
        header.ControlBytes = wildcard ? SocketAddresses.ControlBytes : 0u;
    }
}
