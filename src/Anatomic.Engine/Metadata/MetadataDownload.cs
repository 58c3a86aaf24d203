using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Metadata;

/// <summary>
/// The info dictionary as one peer gives it (BEP 9). Each peer has its own, so that a wrong one proves who lied and spoils
/// nobody else's.
/// </summary>
internal sealed class MetadataDownload
{
    private readonly byte[] bytes;
    private readonly bool[] here;
    private int nextPiece;
    private int hereCount;
    private int underWay;

    /// <param name="length">The length that the peer names, 1 to <see cref="PeerLimits.MaxMetadataBytes"/>.</param>
    /// <param name="now">The time.</param>
    public MetadataDownload(int length, DateTimeOffset now)
    {
        Invariant.Holds(length is > 0 and <= PeerLimits.MaxMetadataBytes);
        bytes = new byte[length];
        here = new bool[(length + PeerLimits.MetadataPieceBytes - 1) / PeerLimits.MetadataPieceBytes];
        LastProgress = now;
    }

    public bool IsWhole => hereCount == here.Length;

    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>When the peer last gave something; too long ago, and another is asked.</summary>
    public DateTimeOffset LastProgress { get; private set; }

    /// <summary>The next piece to ask for; -1 while enough are under way or all are asked for.</summary>
    public int Next()
    {
        if (nextPiece >= here.Length || underWay >= EngineLimits.MaxMetadataRequests)
        {
            return -1;
        }
        underWay++;
        return nextPiece++;
    }

    /// <summary>A piece has come; the fault is the peer's.</summary>
    public Fault? Take(in MetadataMessage message, DateTimeOffset now)
    {
        var begin = message.Piece * PeerLimits.MetadataPieceBytes;
        if (message.Piece >= nextPiece || here[message.Piece])
        {
            return new Fault($"the peer sends piece {message.Piece:N0} of the metadata, which nobody asked for");
        }
        if (message.Data.Length != Math.Min(PeerLimits.MetadataPieceBytes, bytes.Length - begin))
        {
            return new Fault($"piece {message.Piece:N0} of the metadata has {message.Data.Length:N0} bytes");
        }
        message.Data.Span.CopyTo(bytes.AsSpan(begin));
        here[message.Piece] = true;
        hereCount++;
        underWay--;
        LastProgress = now;
        return null;
    }
}
