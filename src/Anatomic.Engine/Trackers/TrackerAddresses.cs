using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>Chooses the addresses at which a tracker is asked.</summary>
internal sealed class TrackerAddresses(INetwork network, bool allowPrivate)
{
    private const int DefaultUdpPort = 80;

    /// <summary>
    /// The first allowed address of each family. We announce over both, as a tracker returns each family's peers
    /// separately (BEP 7).
    /// </summary>
    /// <exception cref="NetworkException">The host has no address, or none that may be used.</exception>
    public async Task<IReadOnlyList<Endpoint>> FindAsync(Uri tracker, CancellationToken stop)
    {
        var port = tracker.Port > 0 ? tracker.Port : DefaultUdpPort;
        var chosen = new List<Endpoint>();
        foreach (var address in await network.ResolveAsync(tracker.DnsSafeHost, stop))
        {
            var endpoint = Endpoint.From(address, port);
            if (IsAllowed(tracker, endpoint) && chosen.TrueForAll(other => other.IsV4 != endpoint.IsV4))
            {
                chosen.Add(endpoint);
            }
        }
        return chosen.Count > 0 ? chosen : throw new NetworkException($"{tracker.Host} has no public address");
    }

    /// <summary>
    /// A torrent must not make the program call arbitrary services in the user's network. At private addresses, only
    /// URLs that look like a tracker's are allowed.
    /// </summary>
    private bool IsAllowed(Uri tracker, Endpoint endpoint) =>
        AddressRules.IsUnicast(endpoint)
        && (
            allowPrivate
            || AddressRules.IsPublic(endpoint)
            || tracker.AbsolutePath.EndsWith("/announce", StringComparison.Ordinal)
        );
}
