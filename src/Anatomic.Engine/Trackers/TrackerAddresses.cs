using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Engine.Trackers;

/// <summary>Chooses the addresses at which a tracker is asked.</summary>
internal sealed class TrackerAddresses(NameCache names, AnnounceIdentity identity, bool allowPrivate)
{
    private const int DefaultUdpPort = 80;

    private readonly Dictionary<(string Host, bool IsV4), DateTimeOffset> skipped = [];

    /// <summary>
    /// The first allowed address of each family. We announce over both, as a tracker returns each family's peers
    /// separately (BEP 7).
    /// </summary>
    /// <exception cref="World.NetworkException">The host has no address, or none that may be used.</exception>
    public async Task<IReadOnlyList<Endpoint>> FindAsync(Uri tracker, CancellationToken stop)
    {
        var port = tracker.Port > 0 ? tracker.Port : DefaultUdpPort;
        var chosen = new List<Endpoint>();
        foreach (var address in await names.ResolveAsync(tracker.DnsSafeHost, stop))
        {
            var endpoint = Endpoint.From(address, port);
            if (IsAllowed(tracker, endpoint) && chosen.TrueForAll(other => other.IsV4 != endpoint.IsV4))
            {
                chosen.Add(endpoint);
            }
        }
        if (chosen.Count > 1)
        {
            var now = identity.Now;
            chosen.RemoveAll(address => now < skipped.GetValueOrDefault((tracker.DnsSafeHost, address.IsV4)));
        }
        return chosen.Count > 0 ? chosen : throw new World.NetworkException($"{tracker.Host} has no public address");
    }

    /// <summary>Prefers other addresses of the tracker from now on, as this one failed.</summary>
    public void Failed(Uri tracker, Endpoint address) => names.AddressFailed(tracker.DnsSafeHost, address.ToAddress());

    /// <summary>
    /// Leaves out a family of the tracker for a while, because it failed where the other one answered: most often our
    /// own network has only one of them, and each announce would wait for the other in vain.
    /// </summary>
    public void SkipFamily(Uri tracker, Endpoint address)
    {
        if (skipped.Count >= EngineLimits.MaxTrackerHosts)
        {
            skipped.Clear();
        }
        skipped[(tracker.DnsSafeHost, address.IsV4)] = identity.Now + EngineLimits.FailedFamilyPause;
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
