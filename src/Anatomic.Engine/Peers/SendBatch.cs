using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Peers;

/// <summary>
/// The content of one send: blocks, each a header and slices of cached extents, then control messages. The batch keeps
/// its extents in use until it is cleared.
/// </summary>
internal sealed class SendBatch
{
    private const int MaxBlocks = EngineLimits.MaxSendBytes / PeerLimits.BlockBytes;

    private readonly List<ReadOnlyMemory<byte>> parts = [];
    private readonly List<ReadExtent> extents = [];
    private byte[]? headers;
    private int blocks;

    public IReadOnlyList<ReadOnlyMemory<byte>> Parts => parts;

    /// <summary>Bytes of blocks, without their headers.</summary>
    public int Payload { get; private set; }

    /// <summary>Bytes of blocks with their headers.</summary>
    public int Bytes => Payload + (blocks * PeerMessageWriter.PiecePrefixBytes);

    public bool HasRoom => blocks < MaxBlocks && Payload < EngineLimits.MaxSendBytes;

    public void AddControl(ReadOnlyMemory<byte> messages)
    {
        if (!messages.IsEmpty)
        {
            parts.Add(messages);
        }
    }

    public void AddHeader(BlockRange block)
    {
        headers ??= new byte[MaxBlocks * PeerMessageWriter.PiecePrefixBytes];
        var header = headers.AsMemory(blocks * PeerMessageWriter.PiecePrefixBytes, PeerMessageWriter.PiecePrefixBytes);
        PeerMessageWriter.PiecePrefix(header.Span, block);
        parts.Add(header);
        blocks++;
        Payload += block.Length;
    }

    public void AddSlice(ReadExtent extent, int from, int length)
    {
        parts.Add(extent.Bytes.AsMemory(from, length));
        extent.Users++;
        extents.Add(extent);
    }

    public void Clear()
    {
        foreach (var extent in extents)
        {
            extent.Users--;
        }
        extents.Clear();
        parts.Clear();
        blocks = 0;
        Payload = 0;
    }
}
