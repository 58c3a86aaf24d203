using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Tracker.Tests;

public sealed class ReplyRecorder : ReplyBatch
{
    private readonly byte[] buffer = new byte[MaxReplyBytes];

    public int Count { get; private set; }
    public int Length { get; private set; }
    public Endpoint To { get; private set; }
    public ReadOnlySpan<byte> Last => buffer.AsSpan(0, Length);

    public override Span<byte> Next() => buffer;

    public override void Commit(int length, in Endpoint to) => (Count, Length, To) = (Count + 1, length, to);
}
