using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Engine.Peers;

/// <summary>The known peer addresses of one torrent. Decides which to dial next and keeps the ban list.</summary>
internal sealed class PeerList(bool allowPrivate)
{
    private readonly Dictionary<Endpoint, PeerCandidate> byAddress = [];
    private readonly List<PeerCandidate> all = [];
    private readonly HashSet<Endpoint> banned = [];

    public int Count => all.Count;

    public bool IsBanned(Endpoint address) => banned.Contains(address.WithPort(0));

    /// <summary>Bans an address on all ports.</summary>
    public void Ban(Endpoint address)
    {
        if (banned.Count < EngineLimits.MaxCandidates)
        {
            banned.Add(address.WithPort(0));
        }
        for (var i = all.Count - 1; i >= 0; i--)
        {
            if (all[i].Address.WithPort(0) == address.WithPort(0) && !all[i].InUse)
            {
                Remove(i);
            }
        }
    }

    /// <summary>
    /// Adds an address. Returns false when it is rejected: it is banned, private or without a port, or the list is
    /// full.
    /// </summary>
    public bool Add(Endpoint address, PeerSource source, Hash20? swarm = null)
    {
        if (byAddress.TryGetValue(address, out var known))
        {
            known.Source = known.Source > source ? known.Source : source;
            return true;
        }
        if (
            address.Port == 0
            || IsBanned(address)
            || !IsAllowed(address, source)
            || (all.Count >= EngineLimits.MaxCandidates && !MakeRoom())
        )
        {
            return false;
        }
        var candidate = new PeerCandidate(address, source, swarm);
        byAddress.Add(address, candidate);
        all.Add(candidate);
        return true;
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
        PeerCandidate? best = null;
        foreach (var candidate in all)
        {
            if (!candidate.InUse && candidate.NextDial <= now && (best is null || IsBetter(candidate, best)))
            {
                best = candidate;
            }
        }
        if (best is not null)
        {
            best.InUse = true;
        }
        return best;
    }

    /// <summary>Records a failed dial or handshake.</summary>
    public void Failed(PeerCandidate candidate, DateTimeOffset now)
    {
        candidate.InUse = false;
        candidate.Failures++;
        candidate.NextDial = now + (EngineLimits.DialBackOff * (1 << Math.Min(candidate.Failures - 1, 8)));
        // Addresses from the user are never forgotten.
        if (candidate.Failures >= EngineLimits.MaxDialFailures && candidate.Source != PeerSource.User)
        {
            Remove(all.IndexOf(candidate));
        }
    }

    /// <summary>Records the end of a connection that had completed the handshake.</summary>
    public void Ended(PeerCandidate candidate, DateTimeOffset now, bool useless)
    {
        candidate.InUse = false;
        candidate.Failures = 0;
        candidate.NextDial = now + (useless ? EngineLimits.NoInterestTimeout : EngineLimits.DialBackOff);
        if (IsBanned(candidate.Address) && all.IndexOf(candidate) is >= 0 and var index)
        {
            Remove(index);
        }
    }

    /// <summary>Removes an address that turned out to be our own.</summary>
    public void Remove(PeerCandidate candidate)
    {
        if (all.IndexOf(candidate) is >= 0 and var index)
        {
            Remove(index);
        }
    }

    private bool IsAllowed(Endpoint address, PeerSource source) =>
        source == PeerSource.User
        || (AddressRules.IsUnicast(address) && (allowPrivate || AddressRules.IsPublic(address)));

    private static bool IsBetter(PeerCandidate a, PeerCandidate b)
    {
        if (a.Failures != b.Failures)
        {
            return a.Failures < b.Failures;
        }
        return a.Source != b.Source ? a.Source > b.Source : a.NextDial < b.NextDial;
    }

    private bool MakeRoom()
    {
        var worst = -1;
        for (var i = 0; i < all.Count; i++)
        {
            if (!all[i].InUse && all[i].Failures > (worst < 0 ? 0 : all[worst].Failures))
            {
                worst = i;
            }
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
        byAddress.Remove(all[index].Address);
        all.RemoveAt(index);
    }
}
