using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Connections;

/// <summary>A torrent as the acceptor sees it. Everything except <see cref="Loop"/> is called on its loop.</summary>
internal interface IAcceptingTorrent
{
    ILoop Loop { get; }

    /// <summary>
    /// Our handshake for a peer that named one of the torrent's info-hashes; null when no connection from its address
    /// is accepted now.
    /// </summary>
    /// <param name="remote">The peer's address.</param>
    /// <param name="head">The peer's handshake, without its id.</param>
    Handshake? Answer(Endpoint remote, Handshake head);

    /// <summary>Takes over a connection on which both handshakes were exchanged.</summary>
    void Accept(EstablishedConnection established);
}

/// <summary>Finds the torrent that an incoming connection is for; called on the acceptor's loop.</summary>
internal interface ITorrentDirectory
{
    /// <summary>
    /// The torrent with the info-hash, after it was woken if it was idle; null when there is none that accepts peers.
    /// </summary>
    Task<IAcceptingTorrent?> FindAsync(Hash20 infoHash);
}
