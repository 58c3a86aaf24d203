using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Peers;

/// <summary>What one send carries: control messages, then blocks, each a head and slices of extents that are held meanwhile.</summary>
internal sealed class SendBatch
{
    private const int MaxBlocks = EngineLimits.MaxSendBytes / PeerLimits.BlockBytes;

    private readonly List<ReadOnlyMemory<byte>> parts = [];
    private readonly List<ReadExtent> held = [];
    private byte[]? heads;
    private int blocks;

    public IReadOnlyList<ReadOnlyMemory<byte>> Parts => parts;

    /// <summary>Bytes of blocks, without their heads.</summary>
    public int Payload { get; private set; }

    public bool HasRoom => blocks < MaxBlocks && Payload < EngineLimits.MaxSendBytes;

    public void AddControl(ReadOnlyMemory<byte> messages)
    {
        if (!messages.IsEmpty)
        {
            parts.Add(messages);
        }
    }

    public void AddHead(BlockRange block)
    {
        heads ??= new byte[MaxBlocks * PeerMessageWriter.PiecePrefixBytes];
        var head = heads.AsMemory(blocks * PeerMessageWriter.PiecePrefixBytes, PeerMessageWriter.PiecePrefixBytes);
        PeerMessageWriter.PiecePrefix(head.Span, block);
        parts.Add(head);
        blocks++;
        Payload += block.Length;
    }

    public void AddSlice(ReadExtent extent, int from, int length)
    {
        parts.Add(extent.Bytes.AsMemory(from, length));
        extent.Users++;
        held.Add(extent);
    }

    public void Clear()
    {
        foreach (var extent in held)
        {
            extent.Users--;
        }
        held.Clear();
        parts.Clear();
        blocks = 0;
        Payload = 0;
    }
}
