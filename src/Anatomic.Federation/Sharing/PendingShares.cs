using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>The news that wait for one partner, by order and swarm. How many there may be is bounded: it may be away for long.</summary>
internal sealed class PendingShares
{
    private readonly SortedDictionary<(Hash32 Order, Hash20 Swarm), PendingShare> shares = [];
    private DateTimeOffset firstDue = DateTimeOffset.MaxValue;
    private int changes;

    /// <summary>Puts a change down; false: no more can wait, and the partner is to be told of the swarm as a whole.</summary>
    public bool TryAdd((Hash32 Order, Hash20 Swarm) key, in SwarmChange change, DateTimeOffset due)
    {
        if (changes + shares.Count >= SharingLimits.MaxWaitingChanges)
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
            // More than a batch may hold: the newest of all say more than the list of all.
            pending.IsSnapshot = true;
            pending.Changes.Clear();
        }
        changes += pending.Changes.Count;
        return true;
    }

    public bool Remove((Hash32 Order, Hash20 Swarm) key, [NotNullWhen(true)] out PendingShare? pending)
    {
        var isThere = shares.Remove(key, out pending);
        changes -= pending?.Changes.Count ?? 0;
        return isThere;
    }

    public bool IsDue(DateTimeOffset now)
    {
        if (firstDue > now)
        {
            return false;
        }
        // What was first may be gone.
        firstDue = shares.Count == 0 ? DateTimeOffset.MaxValue : shares.Values.Min(pending => pending.Due);
        return firstDue <= now;
    }

    public (Hash32 Order, Hash20 Swarm)[] Due(DateTimeOffset now) =>
        [.. shares.Where(pair => pair.Value.Due <= now).Select(pair => pair.Key)];

    public PendingShare this[(Hash32 Order, Hash20 Swarm) key] => shares[key];

    public PendingShare? Find((Hash32 Order, Hash20 Swarm) key) => shares.GetValueOrDefault(key);
}
