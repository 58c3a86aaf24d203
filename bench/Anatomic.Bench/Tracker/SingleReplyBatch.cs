using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Bench.Tracker;

/// <summary>The reply to a single datagram.</summary>
internal sealed class SingleReplyBatch : ReplyBatch
{
    private readonly byte[] buffer = new byte[MaxReplyBytes];

    /// <summary>The length of the last reply; 0 if there was none.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(0, Length);

    public override Span<byte> Next() => buffer;

    public override void Commit(int length, in Endpoint to) => Length = length;

    public void Clear() => Length = 0;
}
