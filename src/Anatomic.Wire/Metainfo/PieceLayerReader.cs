using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Metainfo;

/// <summary>Reads <c>piece layers</c> (BEP 52) and checks each against its file's root.</summary>
internal static class PieceLayerReader
{
    public static IReadOnlyDictionary<Hash32, ReadOnlyMemory<byte>>? Read(
        BencodeValue? value,
        TorrentInfo info,
        out Fault? fault
    )
    {
        fault = null;
        var layers = new SortedDictionary<Hash32, ReadOnlyMemory<byte>>();
        if (value is null || !info.HasV2)
        {
            return layers;
        }
        if (value.Kind != BencodeKind.Dictionary)
        {
            fault = new Fault("the piece layers are not a dictionary", value.Position);
            return null;
        }
        var lengths = LengthsByRoot(info);
        foreach (var (key, layer) in value.Entries)
        {
            if (key.Length != Hash32.Length || layer.Kind != BencodeKind.Bytes)
            {
                fault = new Fault("a piece layer is not a string with a key of 32 bytes", layer.Position);
                return null;
            }
            var root = new Hash32(key.Span);
            var wrong = Check(root, layer.Bytes.Span, lengths, info.PieceLength);
            if (wrong is not null)
            {
                fault = new Fault(wrong, layer.Position);
                return null;
            }
            layers[root] = layer.Bytes;
        }
        return layers;
    }

    /// <summary>What is wrong with a layer; null when it matches its file.</summary>
    public static string? Check(
        Hash32 root,
        ReadOnlySpan<byte> layer,
        Dictionary<Hash32, long> lengths,
        int pieceLength
    )
    {
        if (!lengths.TryGetValue(root, out var length))
        {
            return $"the piece layer of {root} belongs to no file longer than a piece";
        }
        var pieces = (length - 1) / pieceLength + 1;
        if (layer.Length != pieces * Hash32.Length)
        {
            return $"the piece layer of {root} does not have the {pieces:N0} hashes of its file";
        }
        return Merkle.RootOfLayer(layer, pieceLength) == root
            ? null
            : $"the piece layer of {root} does not match its root";
    }

    /// <summary>
    /// Lengths of the files that have a layer, which are longer than a piece. Files with equal content share one.
    /// </summary>
    public static Dictionary<Hash32, long> LengthsByRoot(TorrentInfo info)
    {
        var lengths = new Dictionary<Hash32, long>();
        foreach (var file in info.Files)
        {
            if (file.PiecesRoot is { } root && file.Length > info.PieceLength)
            {
                lengths[root] = file.Length;
            }
        }
        return lengths;
    }
}
