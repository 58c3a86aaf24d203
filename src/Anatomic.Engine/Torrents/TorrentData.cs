using Anatomic.Engine.Hashing;
using Anatomic.Engine.Storage;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Torrents;

/// <summary>A torrent's metainfo with its files on disk.</summary>
internal sealed record TorrentData(TorrentMetainfo Metainfo, TorrentStorage Storage, PieceVerifier Verifier)
{
    public TorrentInfo Info => Metainfo.Info;
}
