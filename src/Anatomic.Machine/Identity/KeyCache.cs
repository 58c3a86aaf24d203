using System.Security.Cryptography;
using Anatomic.Wire;

namespace Anatomic.Machine.Identity;

/// <summary>
/// The most recently used public keys as objects of the system's library; creating one costs about as much as a
/// verification.
/// </summary>
internal sealed class KeyCache(int capacity)
{
    private readonly Lock gate = new();
    private readonly Dictionary<PublicKey, LinkedListNode<CachedKey>> byKey = [];
    private readonly LinkedList<CachedKey> byUse = [];

    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        var id = new PublicKey(new Hash32(publicKey[..32]), new Hash32(publicKey[32..]));
        if ((Find(id) ?? Add(id, publicKey)) is not { } key)
        {
            return false;
        }
        lock (key.Gate)
        {
            return key.Key.VerifyHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    private CachedKey? Find(PublicKey id)
    {
        lock (gate)
        {
            if (!byKey.TryGetValue(id, out var node))
            {
                return null;
            }
            byUse.Remove(node);
            byUse.AddFirst(node);
            return node.Value;
        }
    }

    private CachedKey? Add(PublicKey id, ReadOnlySpan<byte> publicKey)
    {
        ECDsa imported;
        try
        {
            imported = ECDsa.Create(
                new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new ECPoint { X = publicKey[..32].ToArray(), Y = publicKey[32..].ToArray() },
                }
            );
        }
        catch (CryptographicException)
        {
            return null;
        }
        var added = new CachedKey(id, imported);
        lock (gate)
        {
            if (byKey.TryGetValue(id, out var other))
            {
                return other.Value;
            }
            byKey.Add(id, byUse.AddFirst(added));
            if (byUse.Count > capacity)
            {
                // Not disposed: another thread may be using it; the finalizer cleans up.
                byKey.Remove(byUse.Last!.Value.Id);
                byUse.RemoveLast();
            }
        }
        return added;
    }

    private readonly record struct PublicKey(Hash32 X, Hash32 Y);

    private sealed class CachedKey(PublicKey id, ECDsa key)
    {
        public PublicKey Id { get; } = id;
        public ECDsa Key { get; } = key;
        public Lock Gate { get; } = new();
    }
}
