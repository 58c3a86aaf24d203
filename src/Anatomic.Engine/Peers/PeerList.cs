using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Engine.Peers;

/// <summary>Where an address came from; one given by hand is tried first and may be private.</summary>
internal enum PeerSource
{
    Incoming,
    Tracker,
    Hand,
}

/// <summary>A peer's address and what became of it.</summary>
internal sealed class PeerCandidate(Endpoint at, PeerSource source, Hash20? swarm = null)
{
    public Endpoint At { get; } = at;

    /// <summary>The id by which somebody said that it is known; null when nobody did.</summary>
    public Hash20? Swarm { get; } = swarm;
    public PeerSource Source { get; set; } = source;

    /// <summary>Failed dials in a row.</summary>
    public int Failures { get; set; }

    /// <summary>Not before this time; the earliest at first.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>Connected or being dialled.</summary>
    public bool InUse { get; set; }
}

/// <summary>The addresses of one torrent's peers: whom to dial next, who waits after failures, who is banned and why.</summary>
internal sealed class PeerList(bool allowPrivate)
{
    private readonly Dictionary<Endpoint, PeerCandidate> byAddress = [];
    private readonly List<PeerCandidate> all = [];
    private readonly Dictionary<Endpoint, string> banned = [];

    public int Count => all.Count;

    public bool IsBanned(Endpoint address) => banned.ContainsKey(address.WithPort(0));

    /// <summary>Bans an address with all its ports; the reason is for a person.</summary>
    public void Ban(Endpoint address, string reason)
    {
        if (banned.Count < EngineLimits.MaxCandidates)
        {
            banned[address.WithPort(0)] = reason;
        }
        for (var i = all.Count - 1; i >= 0; i--)
        {
            if (all[i].At.WithPort(0) == address.WithPort(0) && !all[i].InUse)
            {
                Remove(i);
            }
        }
    }

    /// <summary>False when the address is of no use: banned, private, without a port, or there is no room.</summary>
    public bool Add(Endpoint at, PeerSource source, Hash20? swarm = null)
    {
        if (byAddress.TryGetValue(at, out var known))
        {
            known.Source = known.Source > source ? known.Source : source;
            return true;
        }
        if (
            at.Port == 0
            || IsBanned(at)
            || !IsAllowed(at, source)
            || (all.Count >= EngineLimits.MaxCandidates && !MakeRoom())
        )
        {
            return false;
        }
        var candidate = new PeerCandidate(at, source, swarm);
        byAddress.Add(at, candidate);
        all.Add(candidate);
        return true;
    }

    /// <summary>An incoming peer says where it listens: it need not be dialled while it is connected. Null when it is known as in use already.</summary>
    public PeerCandidate? Claim(Endpoint at)
    {
        if (!Add(at, PeerSource.Incoming) || byAddress[at].InUse)
        {
            return null;
        }
        byAddress[at].InUse = true;
        return byAddress[at];
    }

    /// <summary>The best address to dial now, marked as in use; null when there is none.</summary>
    public PeerCandidate? Next(DateTimeOffset now)
    {
        PeerCandidate? best = null;
        foreach (var candidate in all)
        {
            if (!candidate.InUse && candidate.NotBefore <= now && (best is null || IsBetter(candidate, best)))
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

    /// <summary>The dial or the handshake failed.</summary>
    public void Failed(PeerCandidate candidate, DateTimeOffset now)
    {
        candidate.InUse = false;
        candidate.Failures++;
        candidate.NotBefore = now + (EngineLimits.DialBackOff * (1 << Math.Min(candidate.Failures - 1, 8)));
        // What the user gave is never forgotten.
        if (candidate.Failures >= EngineLimits.MaxDialFailures && candidate.Source != PeerSource.Hand)
        {
            Remove(all.IndexOf(candidate));
        }
    }

    /// <summary>A connection that had shaken hands has ended.</summary>
    public void Ended(PeerCandidate candidate, DateTimeOffset now, bool useless)
    {
        candidate.InUse = false;
        candidate.Failures = 0;
        candidate.NotBefore = now + (useless ? EngineLimits.NoInterestTimeout : EngineLimits.DialBackOff);
        if (IsBanned(candidate.At) && all.IndexOf(candidate) is >= 0 and var index)
        {
            Remove(index);
        }
    }

    /// <summary>The address turned out to be this very program.</summary>
    public void Forget(PeerCandidate candidate)
    {
        if (all.IndexOf(candidate) is >= 0 and var index)
        {
            Remove(index);
        }
    }

    private bool IsAllowed(Endpoint at, PeerSource source) =>
        source == PeerSource.Hand || (AddressRules.IsUnicast(at) && (allowPrivate || AddressRules.IsPublic(at)));

    private static bool IsBetter(PeerCandidate a, PeerCandidate b)
    {
        if (a.Failures != b.Failures)
        {
            return a.Failures < b.Failures;
        }
        return a.Source != b.Source ? a.Source > b.Source : a.NotBefore < b.NotBefore;
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
        byAddress.Remove(all[index].At);
        all.RemoveAt(index);
    }
}
