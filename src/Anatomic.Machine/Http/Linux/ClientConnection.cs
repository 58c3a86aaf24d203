using System.Buffers;
using Anatomic.Machine.Http.Requests;
using Anatomic.Wire;

namespace Anatomic.Machine.Http.Linux;

/// <summary>
/// One connection of a loop. The object is reused for later connections, so that a connection allocates nothing.
/// </summary>
internal sealed class ClientConnection(int slot)
{
    private byte[]? held;
    private int heldBytes;
    private byte[]? unsent;
    private int unsentFrom;
    private int unsentTo;

    /// <summary>What the protocol remembers of it.</summary>
    public HttpConnectionState State;

    /// <summary>The index in the table.</summary>
    public int Slot { get; } = slot;

    /// <summary>
    /// Counts the connections that the object has served, so that events of an earlier one can be told apart.
    /// </summary>
    public uint Generation { get; private set; }

    public ulong Token => ((ulong)Generation << 32) | (uint)Slot;

    /// <summary>The socket; negative: the object is free.</summary>
    public int Handle { get; private set; } = -1;

    /// <summary>What epoll reports; none: it does not watch the socket yet.</summary>
    public Readiness Watched { get; set; }

    /// <summary>Everything is sent; what still arrives is dropped (<see cref="HttpNextStep.DrainAndClose"/>).</summary>
    public bool IsDraining { get; set; }

    /// <summary>Valid only while <see cref="HasUnsent"/>.</summary>
    public HttpNextStep StepAfterSend { get; set; }

    // The links of the deadline queue.
    public DeadlineQueue? Queue { get; set; }
    public ClientConnection? Earlier { get; set; }
    public ClientConnection? Later { get; set; }
    public long Deadline { get; set; }

    public bool HasUnsent => unsentFrom < unsentTo;

    public ReadOnlySpan<byte> Unsent => unsent.AsSpan(unsentFrom, unsentTo - unsentFrom);

    public void Open(int handle, in Endpoint client, bool expectsProxyHeader)
    {
        Generation++;
        Handle = handle;
        State = new HttpConnectionState { ClientAddress = client, ExpectsProxyHeader = expectsProxyHeader };
        (Watched, IsDraining) = (Readiness.None, false);
    }

    public void Release()
    {
        Handle = -1;
        Return(ref held);
        Return(ref unsent);
        (heldBytes, unsentFrom, unsentTo) = (0, 0, 0);
    }

    /// <summary>Keeps received bytes that cannot be answered yet.</summary>
    public void Hold(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }
        held = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(held);
        heldBytes = bytes.Length;
    }

    /// <summary>Moves the held bytes to the beginning of <paramref name="into"/> and returns their number.</summary>
    public int TakeHeld(Span<byte> into)
    {
        var count = heldBytes;
        held.AsSpan(0, count).CopyTo(into);
        Return(ref held);
        heldBytes = 0;
        return count;
    }

    /// <summary>Keeps replies that the socket has no room for now.</summary>
    public void KeepUnsent(ReadOnlySpan<byte> replies)
    {
        unsent = ArrayPool<byte>.Shared.Rent(replies.Length);
        replies.CopyTo(unsent);
        (unsentFrom, unsentTo) = (0, replies.Length);
    }

    public void MarkSent(int count)
    {
        unsentFrom += count;
        if (!HasUnsent)
        {
            Return(ref unsent);
        }
    }

    private static void Return(ref byte[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
            rented = null;
        }
    }
}
