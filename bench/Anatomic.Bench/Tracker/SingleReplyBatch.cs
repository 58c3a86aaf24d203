using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Bench.Tracker;

/// <summary>Room for the reply to one datagram.</summary>
internal sealed class SingleReplyBatch : ReplyBatch
{
    private readonly byte[] room = new byte[MaxReplyBytes];

    /// <summary>Of the last reply; 0: there was none.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => room.AsSpan(0, Length);

    public override Span<byte> Next() => room;

    public override void Commit(int length, in Endpoint to) => Length = length;

    public void Forget() => Length = 0;
}
