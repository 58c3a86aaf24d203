using Anatomic.Wire;

namespace Anatomic.World;

/// <summary>
/// Answers datagrams. Called by the machine's socket loops, from any of them at the same time; must not block, wait or keep
/// the spans.
/// </summary>
public interface IDatagramHandler
{
    /// <summary>
    /// The forms of what the handler may answer; none: any datagram. What has none of them need not reach the handler, which has to
    /// tell them apart all the same: not every machine can.
    /// </summary>
    IReadOnlyList<DatagramPattern> Patterns => [];

    /// <param name="received">What has arrived, at least one datagram.</param>
    /// <param name="replies">Room for at most one reply to each of them, to its sender, in the order they are in.</param>
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

/// <summary>Where one datagram lies in its batch's bytes, and who sent it.</summary>
public readonly record struct DatagramSlice(int Offset, int Length, Endpoint From);

/// <summary>Replies to a batch, owned and sent by the machine's loop.</summary>
public abstract class ReplyBatch
{
    /// <summary>The largest reply: the usual MTU less the headers of IPv6 and UDP.</summary>
    public const int MaxReplyBytes = 1452;

    /// <summary>Room of <see cref="MaxReplyBytes"/> for the next reply; valid until <see cref="Commit"/>.</summary>
    public abstract Span<byte> Next();

    /// <summary>The first <paramref name="length"/> bytes of <see cref="Next"/> go to <paramref name="to"/>.</summary>
    public abstract void Commit(int length, in Endpoint to);
}
