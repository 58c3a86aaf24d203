using System.Buffers.Binary;

namespace Anatomic.Wire.Trackers;

/// <summary>
/// Connection ids of BEP 15 that need no memory: a keyed hash over the client's address and an epoch of two minutes. Only who
/// receives at an address can know its id, so no answer can be aimed at a victim. 62 bits are left to guess: at 10 million guesses
/// a second it takes some 15,000 years for one of them to be right.
/// </summary>
/// <param name="key">16 random bytes, new at each start.</param>
public readonly struct ConnectionIds(ReadOnlySpan<byte> key)
{
    /// <summary>BEP 15 lets a client use an id for a minute and wants a tracker to take it for two.</summary>
    private const long EpochSeconds = 120;

    /// <summary>
    /// The present epoch and three before: an id is good for 6 to 8 minutes, for clients that keep theirs longer than they should.
    /// </summary>
    private const int EpochsTaken = 4;

    /// <summary>The low bits of an id are those of its epoch: enough to tell the four apart.</summary>
    private const ulong EpochMask = EpochsTaken - 1;

    private readonly SipHash hash = new(key);

    /// <param name="now">Seconds on a clock that only goes forward.</param>
    public ulong Issue(in Endpoint to, long now) => At(to, now / EpochSeconds);

    /// <summary>One hash, whether the id is good or not: its low bits say which of the four epochs it claims to be of.</summary>
    public bool IsValid(ulong connection, in Endpoint from, long now)
    {
        var epoch = now / EpochSeconds;
        var back = (epoch - (long)connection) & (long)EpochMask;
        return At(from, epoch - back) == connection;
    }

    /// <summary>Over the address alone: the port of a client behind a translator may change between two packets.</summary>
    private ulong At(in Endpoint endpoint, long epoch)
    {
        Span<byte> message = stackalloc byte[24];
        BinaryPrimitives.WriteUInt64BigEndian(message, endpoint.High);
        BinaryPrimitives.WriteUInt64BigEndian(message[8..], endpoint.Low);
        BinaryPrimitives.WriteInt64BigEndian(message[16..], epoch);
        return (hash.Hash(message) & ~EpochMask) | ((ulong)epoch & EpochMask);
    }
}
