using System.Buffers.Binary;
using System.Security.Cryptography;
using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Placement;

/// <summary>
/// Highest random weight: everyone who knows the same members picks the same ones for a hash, and a member that leaves moves
/// only what was its own.
/// </summary>
public static class Rendezvous
{
    /// <summary>How many supernodes a hash calls its own: one may be down and one may lie.</summary>
    public const int OwnSupernodes = 3;

    /// <summary>The first 8 bytes of SHA-256(id ‖ h).</summary>
    public static ulong Score(in NodeId id, in Hash20 hash)
    {
        Span<byte> text = stackalloc byte[Hash32.Length + Hash20.Length];
        id.Value.CopyTo(text);
        hash.CopyTo(text[Hash32.Length..]);
        return Draw(text);
    }

    /// <summary>The first 8 bytes of SHA-256(id ‖ h ‖ peer id): the same peer is sent to the same holder.</summary>
    public static ulong Score(in NodeId id, in Hash20 hash, in Hash20 peerId)
    {
        Span<byte> text = stackalloc byte[Hash32.Length + 2 * Hash20.Length];
        id.Value.CopyTo(text);
        hash.CopyTo(text[Hash32.Length..]);
        peerId.CopyTo(text[(Hash32.Length + Hash20.Length)..]);
        return Draw(text);
    }

    /// <summary>The <paramref name="count"/> best for a hash, best first; equal scores by id.</summary>
    public static IReadOnlyList<T> Best<T>(IEnumerable<T> members, Func<T, NodeId> idOf, Hash20 hash, int count) =>
        [
            .. members
                .Select(member => (member, id: idOf(member)))
                .OrderByDescending(entry => Score(entry.id, hash))
                .ThenBy(entry => entry.id)
                .Take(count)
                .Select(entry => entry.member),
        ];

    internal static ulong Draw(ReadOnlySpan<byte> text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }
}
