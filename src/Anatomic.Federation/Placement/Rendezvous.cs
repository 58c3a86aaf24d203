using System.Buffers.Binary;
using System.Security.Cryptography;
using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Placement;

/// <summary>
/// Rendezvous hashing (highest random weight): everyone who knows the same members picks the same ones for a hash, and
/// only the hashes of a member that leaves move to others.
/// </summary>
public static class Rendezvous
{
    /// <summary>The number of supernodes that belong to a hash: one may be down and one may lie.</summary>
    public const int OwnSupernodes = 3;

    /// <summary>The first 8 bytes of SHA-256(id ‖ h).</summary>
    public static ulong Score(in NodeId id, in Hash20 hash)
    {
        Span<byte> text = stackalloc byte[Hash32.Length + Hash20.Length];
        id.Value.CopyTo(text);
        hash.CopyTo(text[Hash32.Length..]);
        return Draw(text);
    }

    /// <summary>The first 8 bytes of SHA-256(id ‖ h ‖ peer id): a peer always gets the same holder.</summary>
    public static ulong Score(in NodeId id, in Hash20 hash, in Hash20 peerId)
    {
        Span<byte> text = stackalloc byte[Hash32.Length + 2 * Hash20.Length];
        id.Value.CopyTo(text);
        hash.CopyTo(text[Hash32.Length..]);
        peerId.CopyTo(text[(Hash32.Length + Hash20.Length)..]);
        return Draw(text);
    }

    /// <summary>
    /// The <paramref name="count"/> members with the highest scores for a hash, best first; ties by id.
    /// </summary>
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
