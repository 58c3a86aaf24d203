using System.Globalization;
using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>Peers that the user or a magnet names, as addresses or by host names.</summary>
internal static class InitialPeers
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

    /// <summary>Whether it is an address or a host name with a port.</summary>
    public static bool CanRead(string peer) =>
        Endpoint.TryParse(peer, out var endpoint) ? endpoint.Port > 0 : TrySplit(peer, out _, out _);

    private static bool TrySplit(string peer, out string host, out ushort port)
    {
        var colon = peer.LastIndexOf(':');
        host = colon > 0 ? peer[..colon] : "";
        port = 0;
        return Uri.CheckHostName(host) == UriHostNameType.Dns
            && ushort.TryParse(peer.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port > 0;
    }

    private static async Task AddAsync(TorrentContext torrent, PeerList addresses, string peer, PeerSource source)
    {
        if (Endpoint.TryParse(peer, out var endpoint))
        {
            addresses.Add(endpoint, source);
            return;
        }
        if (!TrySplit(peer, out var host, out var port))
        {
            // Only a magnet's: what the user gave was read before.
            return;
        }
        try
        {
            foreach (var address in await torrent.World.Network.ResolveAsync(host, torrent.Stop))
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
