using Anatomic.Wire;

namespace Anatomic.Engine.Metadata;

/// <summary>
/// An info dictionary of a claimed length while its pieces arrive (BEP 9). Memory is taken for pieces that came, never
/// for what a peer claims.
/// </summary>
/// <param name="length">The claimed length, 1 to <see cref="PeerLimits.MaxMetadataBytes"/>.</param>
internal sealed class MetadataAssembly(int length)
{
    private readonly Dictionary<int, MetadataPiece> pieces = [];
    private readonly Dictionary<int, (int Count, DateTimeOffset Last)> asked = [];
    private int firstMissing;

    public int Length => length;
    public int PieceCount { get; } = (length + PeerLimits.MetadataPieceBytes - 1) / PeerLimits.MetadataPieceBytes;

    /// <summary>Bytes of the pieces that came.</summary>
    public int HeldBytes { get; private set; }
    public bool IsComplete => pieces.Count == PieceCount;

    /// <summary>The addresses that sent a piece.</summary>
    public IEnumerable<Endpoint> Senders => pieces.Values.Select(piece => piece.Sender).Distinct();

    public bool Has(int piece) => pieces.ContainsKey(piece);

    /// <summary>The first missing piece that may be requested now; -1 when there is none.</summary>
    /// <param name="except">Pieces the source was asked for already.</param>
    public int Next(IReadOnlyDictionary<int, DateTimeOffset> except, DateTimeOffset now)
    {
        while (Has(firstMissing))
        {
            firstMissing++;
        }
        for (var piece = firstMissing; piece < PieceCount; piece++)
        {
            if (Has(piece) || except.ContainsKey(piece))
            {
                continue;
            }
            var isFree = !asked.TryGetValue(piece, out var request);
            var isSlow =
                request.Count < EngineLimits.MaxMetadataPeers && now - request.Last >= EngineLimits.MetadataPatience;
            if (isFree || isSlow)
            {
                return piece;
            }
        }
        return -1;
    }

    /// <summary>Counts a request for a piece.</summary>
    public void Asked(int piece, DateTimeOffset now) => asked[piece] = (asked.GetValueOrDefault(piece).Count + 1, now);

    /// <summary>Counts the end of a request, whatever it brought.</summary>
    public void Answered(int piece)
    {
        var (count, last) = asked[piece];
        if (count == 1)
        {
            asked.Remove(piece);
        }
        else
        {
            asked[piece] = (count - 1, last);
        }
    }

    public int SizeOf(int piece) =>
        Math.Min(PeerLimits.MetadataPieceBytes, length - (piece * PeerLimits.MetadataPieceBytes));

    public void Add(int piece, ReadOnlySpan<byte> bytes, Endpoint sender)
    {
        Invariant.Holds(piece < PieceCount && bytes.Length == SizeOf(piece));
        pieces.Add(piece, new MetadataPiece(bytes.ToArray(), sender));
        HeldBytes += bytes.Length;
    }

    /// <summary>All pieces together.</summary>
    public byte[] Join()
    {
        Invariant.Holds(IsComplete);
        var joined = new byte[length];
        foreach (var (index, piece) in pieces)
        {
            piece.Bytes.CopyTo(joined, index * PeerLimits.MetadataPieceBytes);
        }
        return joined;
    }

    /// <summary>The senders of pieces that differ from the true info dictionary.</summary>
    public IEnumerable<Endpoint> SendersOfWrong(ReadOnlyMemory<byte> info) =>
        info.Length != length
            ? Senders
            : pieces
                .Where(piece =>
                    !info
                        .Span.Slice(piece.Key * PeerLimits.MetadataPieceBytes, piece.Value.Bytes.Length)
                        .SequenceEqual(piece.Value.Bytes)
                )
                .Select(piece => piece.Value.Sender)
                .Distinct();

    private readonly record struct MetadataPiece(byte[] Bytes, Endpoint Sender);
}
