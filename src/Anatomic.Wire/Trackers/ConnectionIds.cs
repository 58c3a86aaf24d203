using System.Buffers.Binary;

namespace Anatomic.Wire.Trackers;

/// <summary>
/// Connection ids of BEP 15 that need no memory: a keyed hash over the client's address and an epoch of two minutes. Only who
/// receives at an address can know its id, so no answer can be aimed at a victim.
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

    private readonly SipHash hash = new(key);

    /// <param name="now">Seconds on a clock that only goes forward.</param>
    public ulong Issue(in Endpoint to, long now) => At(to, now / EpochSeconds);

    public bool IsValid(ulong connection, in Endpoint from, long now)
    {
        var epoch = now / EpochSeconds;
        for (var back = 0; back < EpochsTaken; back++)
        {
            if (At(from, epoch - back) == connection)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Over the address alone: the port of a client behind a translator may change between two packets.</summary>
    private ulong At(in Endpoint endpoint, long epoch)
    {
        Span<byte> message = stackalloc byte[24];
        BinaryPrimitives.WriteUInt64BigEndian(message, endpoint.High);
        BinaryPrimitives.WriteUInt64BigEndian(message[8..], endpoint.Low);
        BinaryPrimitives.WriteInt64BigEndian(message[16..], epoch);
        return hash.Hash(message);
    }
}
