using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Metadata;

/// <summary>
/// Downloads the info dictionary from one peer (BEP 9). Each peer has its own download. When the hash is wrong we know
/// which peer sent bad data, and the other downloads are not affected.
/// </summary>
internal sealed class MetadataDownload
{
    private readonly byte[] bytes;
    private readonly bool[] received;
    private int nextPiece;
    private int receivedCount;
    private int outstanding;

    /// <param name="length">The length that the peer announced, 1 to <see cref="PeerLimits.MaxMetadataBytes"/>.</param>
    /// <param name="now">The start of the timeout for the first piece.</param>
    public MetadataDownload(int length, DateTimeOffset now)
    {
        Invariant.Holds(length is > 0 and <= PeerLimits.MaxMetadataBytes);
        bytes = new byte[length];
        received = new bool[(length + PeerLimits.MetadataPieceBytes - 1) / PeerLimits.MetadataPieceBytes];
        LastProgress = now;
    }

    public bool IsComplete => receivedCount == received.Length;

    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>When the last piece arrived.</summary>
    public DateTimeOffset LastProgress { get; private set; }

    /// <summary>
    /// Returns the next metadata piece to request; -1 when all are requested or enough requests are outstanding.
    /// </summary>
    public int Next()
    {
        if (nextPiece >= received.Length || outstanding >= EngineLimits.MaxMetadataRequests)
        {
            return -1;
        }
        outstanding++;
        return nextPiece++;
    }

    /// <summary>Stores a received piece. A fault means that the peer broke the protocol.</summary>
    public Fault? Receive(in MetadataMessage message, DateTimeOffset now)
    {
        var begin = message.Piece * PeerLimits.MetadataPieceBytes;
        if (message.Piece >= nextPiece || received[message.Piece])
        {
            return new Fault($"the peer sent metadata piece {message.Piece:N0}, which we did not request");
        }
        if (message.Data.Length != Math.Min(PeerLimits.MetadataPieceBytes, bytes.Length - begin))
        {
            return new Fault($"metadata piece {message.Piece:N0} has {message.Data.Length:N0} bytes");
        }
        message.Data.Span.CopyTo(bytes.AsSpan(begin));
        received[message.Piece] = true;
        receivedCount++;
        outstanding--;
        LastProgress = now;
        return null;
    }
}
