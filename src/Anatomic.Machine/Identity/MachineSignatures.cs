using System.Security.Cryptography;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.World;

namespace Anatomic.Machine.Identity;

/// <summary>
/// ECDSA over P-256 with SHA-256 by the operating system's library (FIPS 186-5); r‖s with s in the lower half.
/// </summary>
internal sealed class MachineSignatures : ISignatures
{
    private const int ScalarBytes = 32;
    private const int PairBytes = 2 * ScalarBytes;
    private readonly KeyCache keys = new(MachineLimits.CachedKeys);

    public ISigner Open(ReadOnlySpan<byte> privateKey)
    {
        if (!LowS.IsScalar(privateKey))
        {
            throw new ArgumentException("A private key must be a 32-byte number from 1 to n-1.", nameof(privateKey));
        }
        return new Signer(ImportPrivate(privateKey));
    }

    public byte[] CreateKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportParameters(includePrivateParameters: true).D!;
    }

    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PairBytes || signature.Length != PairBytes)
        {
            return false;
        }
        // Otherwise anybody could replace s by n-s and get a second valid signature of the same item.
        if (!LowS.IsLow(signature[ScalarBytes..]))
        {
            return false;
        }
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, digest);
        return keys.Verify(publicKey, digest, signature);
    }

    private static ECDsa ImportPrivate(ReadOnlySpan<byte> privateKey)
    {
        var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = privateKey.ToArray() };
        if (OperatingSystem.IsMacOS())
        {
            // Its library needs the public key too; the others compute it.
            parameters.Q = PointOf(privateKey);
        }
        try
        {
            return ECDsa.Create(parameters);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    private static ECPoint PointOf(ReadOnlySpan<byte> privateKey)
    {
        Span<byte> point = stackalloc byte[PairBytes];
        Invariant.Holds(P256.TryPublicKey(privateKey, point), "every scalar from 1 to n-1 has a public key");
        return new ECPoint { X = point[..ScalarBytes].ToArray(), Y = point[ScalarBytes..].ToArray() };
    }

    private sealed class Signer : ISigner
    {
        private readonly Lock gate = new();
        private readonly ECDsa key;

        public Signer(ECDsa key)
        {
            this.key = key;
            var q = key.ExportParameters(includePrivateParameters: false).Q;
            PublicKey = (byte[])[.. q.X!, .. q.Y!];
        }

        public ReadOnlyMemory<byte> PublicKey { get; }

        public byte[] Sign(ReadOnlySpan<byte> data)
        {
            byte[] signature;
            // The system's key objects are not thread-safe.
            lock (gate)
            {
                signature = key.SignData(
                    data,
                    HashAlgorithmName.SHA256,
                    DSASignatureFormat.IeeeP1363FixedFieldConcatenation
                );
            }
            LowS.Normalise(signature.AsSpan(ScalarBytes));
            return signature;
        }
    }
}
