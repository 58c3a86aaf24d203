using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Metainfo;

/// <summary>A validated .torrent file (BEP 3, 12, 19, 52). Immutable.</summary>
public sealed class TorrentMetainfo
{
    internal TorrentMetainfo() { }

    /// <summary>The file's dictionary, without any bytes behind its end.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    public required TorrentInfo Info { get; init; }

    /// <summary>Announce URLs in tiers (BEP 12), without duplicates; empty when there are none.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> AnnounceTiers { get; init; }

    /// <summary>Web seeds (BEP 19).</summary>
    public required IReadOnlyList<string> WebSeeds { get; init; }

    public required string? Comment { get; init; }

    public required string? CreatedBy { get; init; }

    public required DateTimeOffset? CreatedAt { get; init; }

    /// <summary>
    /// The piece hashes of each file longer than a piece, 32 bytes per piece, by the file's pieces root (BEP 52). Each
    /// was verified against its root.
    /// </summary>
    public required IReadOnlyDictionary<Hash32, ReadOnlyMemory<byte>> PieceLayers { get; init; }

    /// <summary>
    /// Whether every v2 piece can be verified; false for a v2 torrent from a magnet link whose layers are still
    /// missing.
    /// </summary>
    public bool HasAllPieceLayers => MissingPieceLayers.Count == 0;

    /// <summary>The files longer than a piece whose layer is missing.</summary>
    public IReadOnlyList<TorrentFile> MissingPieceLayers =>
        Info.HasV2
            ? [.. Info.Files.Where(file => NeedsLayer(file) && !PieceLayers.ContainsKey(file.PiecesRoot!.Value))]
            : [];

    /// <summary>The value of the key <c>anatomic</c>, written by the planter; null when there is none.</summary>
    public required BencodeValue? Anatomic { get; init; }

    /// <summary>
    /// The v2 hash of a piece: a node of the file's Merkle tree, or its root if the file has only one piece. Null in
    /// v1-only torrents, or while the layer is missing.
    /// </summary>
    public Hash32? PieceHashV2(PieceIndex piece)
    {
        Invariant.Holds((uint)piece.Value < (uint)Info.PieceCount);
        var begin = (long)piece.Value * Info.PieceLength;
        var file = Info.FileAt(begin);
        if (!NeedsLayer(file))
        {
            return file.PiecesRoot;
        }
        if (!PieceLayers.TryGetValue(file.PiecesRoot!.Value, out var layer))
        {
            return null;
        }
        var place = (int)((begin - file.Offset) / Info.PieceLength);
        return new Hash32(layer.Span[(place * Hash32.Length)..]);
    }

    /// <summary>Reads a .torrent file.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> bytes,
        [NotNullWhen(true)] out TorrentMetainfo? metainfo,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        metainfo = MetainfoReader.Read(bytes, out fault);
        return metainfo is not null;
    }

    /// <summary>Builds a .torrent file around an info dictionary received from peers.</summary>
    public static TorrentMetainfo FromInfo(TorrentInfo info, MetainfoEdit around)
    {
        var bytes = new MetainfoRewriter([]).Set("info"u8, info.Raw).Apply(around).Write();
        var fine = TryRead(bytes, out var metainfo, out _);
        Invariant.Holds(fine && metainfo is not null);
        return metainfo;
    }

    /// <summary>
    /// The file with some values replaced. The info dictionary and all other keys stay byte for byte the same.
    /// </summary>
    public byte[] Rewrite(MetainfoEdit edit)
    {
        var fine = BencodeValue.TryParse(Bytes, BencodeMode.Tolerant, out var root, out _);
        Invariant.Holds(fine && root is not null);
        return new MetainfoRewriter(root.Entries).Apply(edit).Write();
    }

    /// <summary>Adds fetched layers. A layer that does not match its root, or belongs to no file, is a fault.</summary>
    public bool TryWithPieceLayers(
        IReadOnlyDictionary<Hash32, ReadOnlyMemory<byte>> layers,
        [NotNullWhen(true)] out TorrentMetainfo? metainfo,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        metainfo = null;
        var lengths = PieceLayerReader.LengthsByRoot(Info);
        var all = new Dictionary<Hash32, ReadOnlyMemory<byte>>(PieceLayers);
        foreach (var (root, layer) in layers)
        {
            var wrong = PieceLayerReader.Check(root, layer.Span, lengths, Info.PieceLength);
            if (wrong is not null)
            {
                fault = new Fault(wrong);
                return false;
            }
            all[root] = layer;
        }
        return TryRead(Rewrite(new MetainfoEdit { PieceLayers = all }), out metainfo, out fault);
    }

    private bool NeedsLayer(TorrentFile file) => file.PiecesRoot is not null && file.Length > Info.PieceLength;
}
