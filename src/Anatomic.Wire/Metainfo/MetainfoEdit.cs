namespace Anatomic.Wire.Metainfo;

/// <summary>What changes around an info dictionary; null leaves a thing as it is, an empty value removes it.</summary>
public sealed record MetainfoEdit
{
    /// <summary>Announce URLs in tiers (BEP 12); <c>announce</c> becomes the first.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? AnnounceTiers { get; init; }

    /// <summary>Web seeds (BEP 19).</summary>
    public IReadOnlyList<string>? WebSeeds { get; init; }

    /// <summary>The value of the key <c>anatomic</c>, one bencoded value.</summary>
    public ReadOnlyMemory<byte>? Anatomic { get; init; }

    /// <summary>Piece layers by pieces root (BEP 52), 32 bytes a piece.</summary>
    public IReadOnlyDictionary<Hash32, ReadOnlyMemory<byte>>? PieceLayers { get; init; }
}
