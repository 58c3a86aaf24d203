namespace Anatomic.Wire.Metainfo;

/// <summary>
/// Changes to a .torrent file outside its info dictionary. Null keeps a value, an empty value removes it.
/// </summary>
public sealed record MetainfoEdit
{
    /// <summary>Announce URLs in tiers (BEP 12); the first one becomes <c>announce</c>.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? AnnounceTiers { get; init; }

    /// <summary>Web seeds (BEP 19).</summary>
    public IReadOnlyList<string>? WebSeeds { get; init; }

    /// <summary>The bencoded value of the key <c>anatomic</c>.</summary>
    public ReadOnlyMemory<byte>? Anatomic { get; init; }

    /// <summary>Piece layers by pieces root (BEP 52), 32 bytes per piece.</summary>
    public IReadOnlyDictionary<Hash32, ReadOnlyMemory<byte>>? PieceLayers { get; init; }
}
