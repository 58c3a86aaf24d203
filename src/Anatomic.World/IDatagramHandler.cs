using Anatomic.Wire;

namespace Anatomic.World;

/// <summary>
/// Handles datagrams. The machine's socket loops call it, several at the same time. It must not block, wait or keep the
/// spans.
/// </summary>
public interface IDatagramHandler
{
    /// <summary>
    /// Patterns of the datagrams the handler may answer; empty: any datagram. The system may drop all others before
    /// they reach the handler, but not every system does, so the handler checks again.
    /// </summary>
    IReadOnlyList<DatagramPattern> Patterns => [];

    /// <summary>Handles one batch.</summary>
    /// <param name="received">At least one datagram.</param>
    /// <param name="replies">Takes at most one reply per datagram, to its sender, in the same order.</param>
    void Handle(in DatagramBatch received, ReplyBatch replies);
}

/// <summary>Datagrams that arrived together.</summary>
public readonly ref struct DatagramBatch(ReadOnlySpan<byte> bytes, ReadOnlySpan<DatagramSlice> slices)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private readonly ReadOnlySpan<DatagramSlice> slices = slices;

    public int Count => slices.Length;

    public ReadOnlySpan<byte> Payload(int index) => bytes.Slice(slices[index].Offset, slices[index].Length);

    public Endpoint From(int index) => slices[index].From;
}

/// <summary>Position of one datagram in its batch's bytes, and its sender.</summary>
public readonly record struct DatagramSlice(int Offset, int Length, Endpoint From);

/// <summary>Replies to a batch. The machine's loop owns and sends them.</summary>
public abstract class ReplyBatch
{
    /// <summary>Longest reply: the usual MTU of 1,500 bytes without the headers of IPv6 and UDP.</summary>
    public const int MaxReplyBytes = 1452;

    /// <summary>A buffer of <see cref="MaxReplyBytes"/> for the next reply, valid until <see cref="Commit"/>.</summary>
    public abstract Span<byte> Next();

    /// <summary>
    /// Sends the first <paramref name="length"/> bytes of <see cref="Next"/> to <paramref name="to"/>.
    /// </summary>
    public abstract void Commit(int length, in Endpoint to);
}
