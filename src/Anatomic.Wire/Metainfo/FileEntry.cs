namespace Anatomic.Wire.Metainfo;

/// <summary>A file as written in an info dictionary, before its offset and cleaned path are known.</summary>
/// <param name="Path">The parts below the torrent's folder; for a single file, its name.</param>
/// <param name="Length">In bytes, not negative.</param>
/// <param name="Attributes">The letters of BEP 47.</param>
/// <param name="Link">The target of a symbolic link, as written.</param>
/// <param name="PiecesRoot">Only in v2.</param>
/// <param name="Position">Position in the input, for faults.</param>
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
