namespace Anatomic.Engine.Storage;

/// <summary>Where a torrent's data is, as the user said.</summary>
/// <param name="Root">An absolute path, whose links are followed; none below it is followed out of it.</param>
/// <param name="IsTorrent">
/// The path is the torrent's own file or folder. Otherwise it is the folder that contains it.
/// </param>
public readonly record struct DataPlace(string Root, bool IsTorrent);
