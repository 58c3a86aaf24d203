using System.Globalization;
using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>Adds the peers that the user or a magnet link names, by address or by host name.</summary>
internal static class InitialPeers
{
    /// <summary>
    /// A magnet link's peers count as a tracker's: a link from a web page must not reach into the user's own network.
    /// </summary>
    public static async Task AddAsync(TorrentContext torrent, PeerList addresses)
    {
        foreach (var peer in torrent.Add.Peers)
        {
            await AddAsync(torrent, addresses, peer, PeerSource.User);
        }
        foreach (var peer in torrent.Add.Magnet?.Peers ?? [])
        {
            await AddAsync(torrent, addresses, peer, PeerSource.Tracker);
        }
    }

    /// <summary>Whether the text is an address or a host name, with a port.</summary>
    public static bool IsValid(string peer) =>
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
            // Only a magnet link's peer can be invalid here; the user's were validated when the torrent was added.
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
            // Continue with the other peers when one name cannot be resolved.
        }
    }
}
