using Anatomic.Engine.Connections;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Engine.Peers;

/// <summary>The known peer addresses of one torrent. Decides which to dial next.</summary>
internal sealed class PeerList(bool allowPrivate, PeerSourceGate gate, BanList bans)
{
    private readonly Dictionary<Endpoint, PeerCandidate> byAddress = [];
    private readonly List<PeerCandidate> all = [];
    private readonly Dictionary<AddressPrefix, int> perNetwork = [];
    private Endpoint? ownV4;
    private Endpoint? ownV6;

    /// <summary>No candidate is due before; saves the search in torrents where nothing is to be dialled.</summary>
    private DateTimeOffset nextDue;

    public int Count => all.Count;

    /// <summary>
    /// Sets our address as peers see it, with our listening port. It decides the order of dials among equals (BEP 40).
    /// </summary>
    /// <summary>Whether an address can be dialled now.</summary>
    public bool HasDue(DateTimeOffset now) => all.Exists(candidate => !candidate.InUse && candidate.NextDial <= now);

    public void SetOwnAddress(Endpoint own)
    {
        ref var known = ref (own.IsV4 ? ref ownV4 : ref ownV6);
        if (known == own || !AddressRules.IsPublic(own))
        {
            return;
        }
        known = own;
        foreach (var candidate in all)
        {
            candidate.Priority = PriorityOf(candidate.Address);
        }
    }

    /// <summary>
    /// Adds an address. Returns false when it is rejected: it is private, without a port or from a closed source, or
    /// the list has enough of its network or source.
    /// </summary>
    public bool Add(Endpoint address, PeerSource source, Hash20? swarm = null)
    {
        if (byAddress.TryGetValue(address, out var known))
        {
            known.Source = known.Source > source ? known.Source : source;
            return true;
        }
        if (address.Port == 0 || !gate.Allows(source) || !IsAllowed(address, source))
        {
            return false;
        }
        var candidate = new PeerCandidate(address, source, swarm) { Priority = PriorityOf(address) };
        if (source != PeerSource.User && !HasRoomFor(candidate))
        {
            return false;
        }
        byAddress.Add(address, candidate);
        all.Add(candidate);
        perNetwork[candidate.Network] = perNetwork.GetValueOrDefault(candidate.Network) + 1;
        nextDue = default;
        return true;
    }

    /// <summary>
    /// Removes the addresses whose source is closed, because a magnet link's metadata turned out to be private. Those
    /// in use are removed too, so that they are not dialled again.
    /// </summary>
    public void RemoveForbidden()
    {
        for (var i = all.Count - 1; i >= 0; i--)
        {
            if (!gate.Allows(all[i].Source))
            {
                Remove(i);
            }
        }
    }

    /// <summary>
    /// Marks the listening address of an incoming peer as in use, so that we do not dial it. Null when the address is
    /// rejected or already in use.
    /// </summary>
    public PeerCandidate? Claim(Endpoint address)
    {
        if (!Add(address, PeerSource.Incoming) || byAddress[address].InUse)
        {
            return null;
        }
        byAddress[address].InUse = true;
        return byAddress[address];
    }

    /// <summary>Returns the best address to dial now and marks it as in use; null when there is none.</summary>
    public PeerCandidate? Next(DateTimeOffset now)
    {
        if (now < nextDue)
        {
            return null;
        }
        PeerCandidate? best = null;
        var due = DateTimeOffset.MaxValue;
        foreach (var candidate in all)
        {
            if (candidate.InUse)
            {
                continue;
            }
            if (candidate.NextDial <= now && bans.Find(candidate.Address, now) is { } ban)
            {
                candidate.NextDial = ban.Until ?? DateTimeOffset.MaxValue;
            }
            if (candidate.NextDial > now)
            {
                due = candidate.NextDial < due ? candidate.NextDial : due;
            }
            else if (best is null || IsBetter(candidate, best))
            {
                best = candidate;
            }
        }
        if (best is not null)
        {
            best.InUse = true;
            return best;
        }
        nextDue = due;
        return null;
    }

    /// <summary>Takes back an address from <see cref="Next"/> that there was no place to dial.</summary>
    public void Postpone(PeerCandidate candidate, DateTimeOffset now) =>
        Release(candidate, now + EngineLimits.PostponedDialDelay);

    /// <summary>Records a failed dial or handshake.</summary>
    public void Failed(PeerCandidate candidate, DateTimeOffset now)
    {
        candidate.Failures++;
        Release(candidate, now + (EngineLimits.DialBackOff * (1 << Math.Min(candidate.Failures - 1, 8))));
        // Addresses from the user are never forgotten.
        if (candidate.Failures >= EngineLimits.MaxDialFailures && candidate.Source != PeerSource.User)
        {
            Remove(candidate);
        }
    }

    /// <summary>Records the end of a connection that had completed the handshake.</summary>
    public void Ended(PeerCandidate candidate, DateTimeOffset now, TimeSpan pause)
    {
        candidate.Failures = 0;
        Release(candidate, now + pause);
    }

    /// <summary>Removes an address, because it turned out to be our own.</summary>
    public void Remove(PeerCandidate candidate)
    {
        if (all.IndexOf(candidate) is >= 0 and var index)
        {
            Remove(index);
        }
    }

    private void Release(PeerCandidate candidate, DateTimeOffset nextDial)
    {
        candidate.InUse = false;
        candidate.NextDial = nextDial;
        nextDue = nextDial < nextDue ? nextDial : nextDue;
    }

    private bool IsAllowed(Endpoint address, PeerSource source) =>
        source == PeerSource.User
        || (AddressRules.IsUnicast(address) && (allowPrivate || AddressRules.IsPublic(address)));

    private uint PriorityOf(Endpoint address) =>
        (address.IsV4 ? ownV4 : ownV6) is { } own ? CanonicalPriority.Of(own, address) : 0;

    private static bool IsBetter(PeerCandidate a, PeerCandidate b)
    {
        if (a.Failures != b.Failures)
        {
            return a.Failures < b.Failures;
        }
        if (a.Source != b.Source)
        {
            return a.Source > b.Source;
        }
        return a.Priority != b.Priority ? a.Priority > b.Priority : a.NextDial < b.NextDial;
    }

    /// <summary>
    /// Whether the candidate may be added, after a worse one was removed if need be. One network or one source cannot
    /// fill the list.
    /// </summary>
    private bool HasRoomFor(PeerCandidate candidate)
    {
        if (
            AddressRules.IsPublic(candidate.Address)
            && perNetwork.GetValueOrDefault(candidate.Network) >= EngineLimits.MaxCandidatesPerNetwork
        )
        {
            return false;
        }
        if (all.Count < EngineLimits.MaxCandidates)
        {
            return true;
        }
        var ofSource = all.Count(other => other.Source == candidate.Source);
        return MakeRoom(onlyOf: ofSource >= EngineLimits.MaxCandidates / 2 ? candidate.Source : null);
    }

    /// <summary>Removes the candidate with the most failures, or of the source with the most candidates.</summary>
    private bool MakeRoom(PeerSource? onlyOf)
    {
        var worst = -1;
        for (var i = 0; i < all.Count; i++)
        {
            var isReplaceable = !all[i].InUse && all[i].Source != PeerSource.User;
            if (isReplaceable && (onlyOf is null || all[i].Source == onlyOf) && all[i].Failures > 0)
            {
                worst = worst < 0 || all[i].Failures > all[worst].Failures ? i : worst;
            }
        }
        if (worst < 0 && onlyOf is null)
        {
            // A source with fewer candidates takes a place of the one with the most.
            var heaviest = all.CountBy(other => other.Source).MaxBy(group => group.Value).Key;
            worst = all.FindIndex(other => !other.InUse && other.Source == heaviest && heaviest != PeerSource.User);
        }
        if (worst < 0)
        {
            return false;
        }
        Remove(worst);
        return true;
    }

    private void Remove(int index)
    {
        var network = all[index].Network;
        if (--perNetwork[network] == 0)
        {
            perNetwork.Remove(network);
        }
        byAddress.Remove(all[index].Address);
        all.RemoveAt(index);
    }
}
