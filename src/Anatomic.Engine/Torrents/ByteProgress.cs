namespace Anatomic.Engine.Torrents;

/// <summary>How much of a torrent is done.</summary>
/// <param name="Done">Bytes of the wanted pieces that are verified and written.</param>
/// <param name="Total">Bytes of all wanted pieces; 0 while they are not known.</param>
internal readonly record struct ByteProgress(long Done, long Total);
