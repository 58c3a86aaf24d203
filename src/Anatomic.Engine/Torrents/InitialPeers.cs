using Anatomic.Engine.Peers;
using Anatomic.Engine.Settings;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>Adds the peers that the user or a magnet link names, by address or by host name.</summary>
internal static class InitialPeers
{
    /// <summary>
    /// A magnet link's peers must be public, as a tracker's: a link from a web page must not reach into the user's own
    /// network.
    /// </summary>
    public static async Task AddAsync(
        INetwork network,
        PeerList addresses,
        IEnumerable<string> fromUser,
        IEnumerable<string> fromMagnet,
        CancellationToken stop
    )
    {
        foreach (var peer in fromUser)
        {
            await AddAsync(network, addresses, peer, PeerSource.User, stop);
        }
        foreach (var peer in fromMagnet)
        {
            await AddAsync(network, addresses, peer, PeerSource.Magnet, stop);
        }
    }

    private static async Task AddAsync(
        INetwork network,
        PeerList addresses,
        string peer,
        PeerSource source,
        CancellationToken stop
    )
    {
        if (Endpoint.TryParse(peer, out var endpoint))
        {
            addresses.Add(endpoint, source);
            return;
        }
        if (!PeerAddress.TrySplit(peer, out var host, out var port))
        {
            // Only a magnet link's peer can be invalid here; the user's were validated when the torrent was added.
            return;
        }
        try
        {
            foreach (var address in await network.ResolveAsync(host, stop))
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
