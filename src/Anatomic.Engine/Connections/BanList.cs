using System.Collections.Immutable;
using Anatomic.Wire;

namespace Anatomic.Engine.Connections;

/// <summary>
/// The banned addresses of a session. Torrents on all loops share it: a change replaces the immutable list with one
/// exchange, and a look-up reads the latest.
/// </summary>
internal sealed class BanList
{
    private State state = State.Empty;

    /// <summary>Rises with each change, so that a saver knows whether to save again.</summary>
    public long Version => Volatile.Read(ref state).Version;

    /// <summary>The ban that covers the address now; null when it is not banned.</summary>
    public AddressBan? Find(in Endpoint address, DateTimeOffset now)
    {
        var current = Volatile.Read(ref state);
        foreach (var bits in current.Lengths)
        {
            if (
                current.Bans.TryGetValue(AddressPrefix.Of(address, bits), out var ban)
                && !(ban.Until is { } until && until <= now)
            )
            {
                return ban;
            }
        }
        return null;
    }

    public bool IsBanned(in Endpoint address, DateTimeOffset now) => Find(address, now) is not null;

    /// <summary>Bans a host on all its ports: one IPv4 address, or a /64 of IPv6.</summary>
    /// <param name="duration">How long; null: until it is removed.</param>
    public void Ban(in Endpoint address, string reason, DateTimeOffset now, TimeSpan? duration) =>
        Add(new AddressBan(AddressPrefix.HostOf(address), reason, duration is { } time ? now + time : null), now);

    /// <summary>Adds a ban. One of the same addresses is replaced unless it ends later.</summary>
    public void Add(AddressBan ban, DateTimeOffset now) => Update(bans => With(bans, ban, now), ban.Addresses.Bits);

    public void Remove(AddressPrefix addresses) => Update(bans => bans.Remove(addresses));

    /// <summary>All bans that have not ended, to show or to save them.</summary>
    public IReadOnlyList<AddressBan> Export(DateTimeOffset now) =>
        [
            .. Volatile
                .Read(ref state)
                .Bans.Values.Where(ban => ban.Until is not { } until || until > now)
                .OrderBy(ban => ban.Addresses.High)
                .ThenBy(ban => ban.Addresses.Low)
                .ThenBy(ban => ban.Addresses.Bits),
        ];

    /// <summary>Adds saved bans that have not ended.</summary>
    public void Import(IEnumerable<AddressBan> saved, DateTimeOffset now)
    {
        foreach (var ban in saved)
        {
            Add(ban, now);
        }
    }

    private static ImmutableDictionary<AddressPrefix, AddressBan> With(
        ImmutableDictionary<AddressPrefix, AddressBan> bans,
        AddressBan ban,
        DateTimeOffset now
    )
    {
        if (ban.Until <= now || (bans.TryGetValue(ban.Addresses, out var known) && EndsLater(known, ban)))
        {
            return bans;
        }
        if (bans.Count >= EngineLimits.MaxBans && !bans.ContainsKey(ban.Addresses))
        {
            bans = bans.RemoveRange(bans.Values.Where(other => other.Until <= now).Select(other => other.Addresses));
        }
        if (bans.Count >= EngineLimits.MaxBans && !bans.ContainsKey(ban.Addresses))
        {
            // The one that ends first helps least. Ties are broken by address, so that every run does the same.
            bans = bans.Remove(
                bans.Values.MinBy(other =>
                    (other.Until ?? DateTimeOffset.MaxValue, other.Addresses.High, other.Addresses.Low)
                )!.Addresses
            );
        }
        return bans.SetItem(ban.Addresses, ban);
    }

    private static bool EndsLater(AddressBan known, AddressBan ban) =>
        ban.Until is not null && (known.Until is null || known.Until > ban.Until);

    private void Update(
        Func<ImmutableDictionary<AddressPrefix, AddressBan>, ImmutableDictionary<AddressPrefix, AddressBan>> change,
        byte? bits = null
    )
    {
        while (true)
        {
            var before = Volatile.Read(ref state);
            var bans = change(before.Bans);
            if (ReferenceEquals(bans, before.Bans))
            {
                return;
            }
            // A length that occurs no more costs one look-up, which is cheaper than to search all bans for it.
            var lengths =
                bits is { } added && !before.Lengths.Contains(added) ? before.Lengths.Add(added) : before.Lengths;
            if (Interlocked.CompareExchange(ref state, new State(bans, lengths, before.Version + 1), before) == before)
            {
                return;
            }
        }
    }

    /// <param name="Bans">By their addresses.</param>
    /// <param name="Lengths">The prefix lengths that occur; a look-up tries each.</param>
    /// <param name="Version">Number of changes so far.</param>
    private sealed record State(
        ImmutableDictionary<AddressPrefix, AddressBan> Bans,
        ImmutableArray<byte> Lengths,
        long Version
    )
    {
        public static readonly State Empty = new(ImmutableDictionary<AddressPrefix, AddressBan>.Empty, [], 0);
    }
}
