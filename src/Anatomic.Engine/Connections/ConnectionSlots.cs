using System.Collections.Immutable;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Engine.Connections;

/// <summary>Whether a connection may be opened.</summary>
internal enum SlotResult
{
    Granted,

    /// <summary>All places are taken.</summary>
    Full,

    /// <summary>The remote host has its share of connections.</summary>
    HostFull,

    /// <summary>The remote network has its share of connections.</summary>
    NetworkFull,
}

/// <summary>
/// The places for connections of a session: in total, for each host and for each network. Torrents on all loops share
/// it: a change replaces the immutable counts with one exchange. Private addresses count only in total, because the
/// user allowed them and a home or a test has many clients on one.
/// </summary>
internal sealed class ConnectionSlots(int max, int maxPerHost, int maxPerNetwork)
{
    private State state = new(0, ImmutableDictionary<AddressPrefix, int>.Empty);

    public int Used => Volatile.Read(ref state).Used;

    public int Available => Math.Max(0, max - Used);

    /// <summary>Takes a place; the result tells which limit denies it.</summary>
    public SlotResult TryAcquire(in Endpoint remote) => Acquire(remote, max);

    /// <summary>Takes a place although all are taken, as another connection gives its own back.</summary>
    public SlotResult TryAcquireReplaced(in Endpoint remote) => Acquire(remote, int.MaxValue);

    /// <summary>Gives back the place of a connection that was granted.</summary>
    public void Release(in Endpoint remote)
    {
        var host = AddressPrefix.HostOf(remote);
        var network = AddressPrefix.NetworkOf(remote);
        var isCounted = AddressRules.IsPublic(remote);
        while (true)
        {
            var before = Volatile.Read(ref state);
            Invariant.Holds(before.Used > 0);
            var counts = isCounted ? Add(Add(before.Counts, host, -1), network, -1) : before.Counts;
            if (TryReplace(before, new State(before.Used - 1, counts)))
            {
                return;
            }
        }
    }

    private SlotResult Acquire(in Endpoint remote, int limit)
    {
        var host = AddressPrefix.HostOf(remote);
        var network = AddressPrefix.NetworkOf(remote);
        var isCounted = AddressRules.IsPublic(remote);
        while (true)
        {
            var before = Volatile.Read(ref state);
            if (before.Used >= limit)
            {
                return SlotResult.Full;
            }
            var counts = before.Counts;
            if (isCounted)
            {
                if (counts.GetValueOrDefault(host) >= maxPerHost)
                {
                    return SlotResult.HostFull;
                }
                if (counts.GetValueOrDefault(network) >= maxPerNetwork)
                {
                    return SlotResult.NetworkFull;
                }
                counts = Add(Add(counts, host, 1), network, 1);
            }
            if (TryReplace(before, new State(before.Used + 1, counts)))
            {
                return SlotResult.Granted;
            }
        }
    }

    private bool TryReplace(State before, State after) =>
        Interlocked.CompareExchange(ref state, after, before) == before;

    private static ImmutableDictionary<AddressPrefix, int> Add(
        ImmutableDictionary<AddressPrefix, int> counts,
        AddressPrefix prefix,
        int change
    )
    {
        var count = counts.GetValueOrDefault(prefix) + change;
        Invariant.Holds(count >= 0);
        return count == 0 ? counts.Remove(prefix) : counts.SetItem(prefix, count);
    }

    private sealed record State(int Used, ImmutableDictionary<AddressPrefix, int> Counts);
}
