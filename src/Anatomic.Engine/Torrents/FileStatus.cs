namespace Anatomic.Engine.Torrents;

/// <summary>The state of one file of a torrent.</summary>
/// <param name="Path">The path relative to the download folder, with <c>/</c> between its parts.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="Done">Bytes in verified pieces.</param>
/// <param name="Wanted">Whether the file is selected for download.</param>
public sealed record FileStatus(string Path, long Length, long Done, bool Wanted);
