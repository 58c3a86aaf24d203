namespace Anatomic.Wire.Metainfo;

/// <summary>A file as an info dictionary writes it, before its place and its cleaned path are known.</summary>
/// <param name="Path">The parts below the torrent's folder; of a single file its name.</param>
/// <param name="Length">Bytes, not negative.</param>
/// <param name="Attributes">The letters of BEP 47.</param>
/// <param name="Link">Where a link leads, as written.</param>
/// <param name="PiecesRoot">Of v2.</param>
/// <param name="Position">Where it stands, for faults.</param>
internal sealed record FileEntry(
    IReadOnlyList<string> Path,
    long Length,
    string Attributes,
    IReadOnlyList<string>? Link,
    Hash32? PiecesRoot,
    int Position
)
{
    public bool IsPadding => Attributes.Contains('p');
}
