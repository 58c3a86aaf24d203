using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>Peers that the user or a magnet names, as addresses or by host names.</summary>
internal static class GivenPeers
{
    /// <summary>Those of a magnet count like a tracker's: a link from a web page must not reach into the user's own network.</summary>
    public static async Task AddAsync(TorrentContext torrent, PeerList addresses)
    {
        foreach (var peer in torrent.Add.Peers)
        {
            await AddAsync(torrent, addresses, peer, PeerSource.Hand);
        }
        foreach (var peer in torrent.Add.Magnet?.Peers ?? [])
        {
            await AddAsync(torrent, addresses, peer, PeerSource.Tracker);
        }
    }

    private static async Task AddAsync(TorrentContext torrent, PeerList addresses, string peer, PeerSource source)
    {
        if (Endpoint.TryParse(peer, out var endpoint))
        {
            addresses.Add(endpoint, source);
            return;
        }
        var colon = peer.LastIndexOf(':');
        if (colon < 1 || !ushort.TryParse(peer.AsSpan(colon + 1), out var port))
        {
            return;
        }
        try
        {
            foreach (var address in await torrent.World.Network.ResolveAsync(peer[..colon], torrent.Stop))
            {
                addresses.Add(Endpoint.From(address, port), source);
            }
        }
        catch (NetworkException)
        {
            // A name that is not known now is no reason to give up the other peers.
        }
    }
}
