using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>
/// The changes that wait for one partner, by order and swarm. Their number is bounded, since a partner may be away for
/// long.
/// </summary>
internal sealed class PendingShares
{
    private readonly SortedDictionary<(Hash32 Order, Hash20 Swarm), PendingShare> shares = [];
    private DateTimeOffset firstDue = DateTimeOffset.MaxValue;
    private int changes;

    /// <summary>Adds a change; false when no more can wait, and the partner needs a whole snapshot instead.</summary>
    public bool TryAdd((Hash32 Order, Hash20 Swarm) key, in SwarmChange change, DateTimeOffset due)
    {
        if (changes + shares.Count >= FederationLimits.MaxPendingChanges)
        {
            return false;
        }
        if (!shares.TryGetValue(key, out var pending))
        {
            shares.Add(key, pending = new PendingShare { Due = due });
        }
        pending.Due = due < pending.Due ? due : pending.Due;
        firstDue = due < firstDue ? due : firstDue;
        if (pending.IsSnapshot && !change.Gone)
        {
            return true;
        }
        changes -= pending.Changes.Count;
        pending.Changes[change.Peer.Address] = (change.Peer.IsSeed, change.Gone);
        if (pending.Changes.Count > NetworkLimits.MaxSharedPeers)
        {
            // These exceed one entry of a batch; a snapshot has the newest peers.
            pending.IsSnapshot = true;
            pending.Changes.Clear();
        }
        changes += pending.Changes.Count;
        return true;
    }

    public bool Remove((Hash32 Order, Hash20 Swarm) key, [NotNullWhen(true)] out PendingShare? pending)
    {
        var isFound = shares.Remove(key, out pending);
        changes -= pending?.Changes.Count ?? 0;
        return isFound;
    }

    public bool IsDue(DateTimeOffset now)
    {
        if (firstDue > now)
        {
            return false;
        }
        // The share that was due first may have been removed.
        firstDue = shares.Count == 0 ? DateTimeOffset.MaxValue : shares.Values.Min(pending => pending.Due);
        return firstDue <= now;
    }

    public (Hash32 Order, Hash20 Swarm)[] Due(DateTimeOffset now) =>
        [.. shares.Where(pair => pair.Value.Due <= now).Select(pair => pair.Key)];

    public PendingShare this[(Hash32 Order, Hash20 Swarm) key] => shares[key];

    public PendingShare? Find((Hash32 Order, Hash20 Swarm) key) => shares.GetValueOrDefault(key);
}
