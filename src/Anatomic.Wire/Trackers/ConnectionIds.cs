using System.Buffers.Binary;

namespace Anatomic.Wire.Trackers;

/// <summary>
/// Connection ids of BEP 15 that need no memory: a keyed hash of the client's address and an epoch of two minutes. Only
/// the receiver at an address learns its id, so nobody can direct responses at a victim. 62 bits have to be guessed,
/// which takes about 15,000 years at 10 million guesses a second.
/// </summary>
/// <param name="key">16 random bytes, new at each start.</param>
public readonly struct ConnectionIds(ReadOnlySpan<byte> key)
{
    /// <summary>BEP 15: a client may use an id for one minute, and a tracker accepts it for two.</summary>
    private const long EpochSeconds = 120;

    /// <summary>
    /// The current epoch and three earlier ones: ids are valid for 6 to 8 minutes, for clients that keep them too long.
    /// </summary>
    private const int ValidEpochs = 4;

    /// <summary>The low bits of an id are those of its epoch, which distinguishes the four.</summary>
    private const ulong EpochMask = ValidEpochs - 1;

    private readonly SipHash hash = new(key);

    /// <param name="now">Seconds of a monotonic clock.</param>
    public ulong Issue(in Endpoint to, long now) => At(to, now / EpochSeconds);

    /// <summary>Checks an id with a single hash: its low bits tell which of the four epochs it claims.</summary>
    public bool IsValid(ulong connection, in Endpoint from, long now)
    {
        var epoch = now / EpochSeconds;
        var back = (epoch - (long)connection) & (long)EpochMask;
        return At(from, epoch - back) == connection;
    }

    /// <summary>Hashes the address without the port, which a NAT may change between two packets.</summary>
    private ulong At(in Endpoint endpoint, long epoch)
    {
        Span<byte> message = stackalloc byte[24];
        BinaryPrimitives.WriteUInt64BigEndian(message, endpoint.High);
        BinaryPrimitives.WriteUInt64BigEndian(message[8..], endpoint.Low);
        BinaryPrimitives.WriteInt64BigEndian(message[16..], epoch);
        return (hash.Hash(message) & ~EpochMask) | ((ulong)epoch & EpochMask);
    }
}
