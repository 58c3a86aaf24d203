using System.Buffers;
using Anatomic.Wire;

namespace Anatomic.Machine.Http.Linux;

/// <summary>What happens to a connection once its replies are out.</summary>
internal enum Afterwards
{
    ReadMore,
    HandOver,

    /// <summary>Everything that it sent has been read.</summary>
    Close,

    /// <summary>It may still be sending: closing waits for the end of that.</summary>
    CloseWhenSilent,
}

/// <summary>One connection of a loop. The object is used again for a later one, so that a connection costs no allocation.</summary>
internal sealed class ClientConnection(int slot)
{
    private byte[]? held;
    private int heldBytes;
    private byte[]? unsent;
    private int unsentFrom;
    private int unsentTo;

    /// <summary>Its place in the table.</summary>
    public int Slot { get; } = slot;

    /// <summary>One more for each connection that the object serves: events of an earlier one are known by it.</summary>
    public uint Generation { get; private set; }

    public ulong Token => ((ulong)Generation << 32) | (uint)Slot;

    public int Handle { get; private set; } = -1;

    /// <summary>The client; default when it came over a unix socket.</summary>
    public Endpoint From { get; set; }

    /// <summary>What the loop waits for; none: it is not being watched yet.</summary>
    public Readiness Watched { get; set; }

    /// <summary>The connection begins with a PROXY header that has not been read yet.</summary>
    public bool OwesPreamble { get; set; }

    /// <summary>All is said; what still comes is thrown away, so that closing does not take the last reply with it (RFC 9112, 9.6).</summary>
    public bool IsDraining { get; set; }

    /// <summary>Counts only while <see cref="HasUnsent"/>.</summary>
    public Afterwards Then { get; set; }

    // The links of the queue that it waits in, by time.
    public DeadlineQueue? Queue { get; set; }
    public ClientConnection? Earlier { get; set; }
    public ClientConnection? Later { get; set; }
    public long Deadline { get; set; }

    public bool HasHeld => heldBytes > 0;

    public bool HasUnsent => unsentFrom < unsentTo;

    public ReadOnlySpan<byte> Unsent => unsent.AsSpan(unsentFrom, unsentTo - unsentFrom);

    public void Begin(int handle, in Endpoint from, bool owesPreamble)
    {
        Generation++;
        (Handle, From, OwesPreamble) = (handle, from, owesPreamble);
        (Watched, IsDraining, Then) = (Readiness.None, false, Afterwards.ReadMore);
    }

    public void End()
    {
        Handle = -1;
        Release(ref held);
        Release(ref unsent);
        (heldBytes, unsentFrom, unsentTo) = (0, 0, 0);
    }

    /// <summary>Keeps what has come and cannot be answered yet.</summary>
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

    /// <summary>Moves what was held to the beginning of <paramref name="into"/>.</summary>
    public int TakeHeld(Span<byte> into)
    {
        var count = heldBytes;
        held.AsSpan(0, count).CopyTo(into);
        Release(ref held);
        heldBytes = 0;
        return count;
    }

    /// <summary>Keeps replies that the connection has no room for now.</summary>
    public void Keep(ReadOnlySpan<byte> replies)
    {
        unsent = ArrayPool<byte>.Shared.Rent(replies.Length);
        replies.CopyTo(unsent);
        (unsentFrom, unsentTo) = (0, replies.Length);
    }

    public void Sent(int count)
    {
        unsentFrom += count;
        if (!HasUnsent)
        {
            Release(ref unsent);
        }
    }

    private static void Release(ref byte[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
            rented = null;
        }
    }
}
