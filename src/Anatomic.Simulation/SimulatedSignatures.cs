using System.Security.Cryptography;
using Anatomic.Simulation.Scheduling;
using Anatomic.World;

namespace Anatomic.Simulation;

/// <summary>
/// Cheap signatures with the real lengths: the public key is a hash of the private key, and a signature is a hash of
/// the public key and the data. Anyone who knows the public key could forge one; nothing in the simulation does.
/// </summary>
internal sealed class SimulatedSignatures(SeededEntropy entropy) : ISignatures
{
    private const int KeyBytes = 64; // X‖Y and r‖s on P-256
    private const int SecondHalf = 32; // where s begins

    public ISigner Open(ReadOnlySpan<byte> privateKey) =>
        new Signer(SHA512.HashData([.. "simulated key"u8, .. privateKey]));

    public byte[] CreateKey()
    {
        var key = entropy.Bytes(32);
        key[0] &= 0x7F; // below the order of P-256
        key[31] |= 1; // not 0
        return key;
    }

    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        publicKey.Length == KeyBytes && signature.SequenceEqual(Sign(publicKey, data));

    private static byte[] Sign(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData("simulated signature"u8);
        hash.AppendData(publicKey);
        hash.AppendData(data);
        var signature = hash.GetHashAndReset();
        signature[SecondHalf] &= 0x7F; // a high s is rejected
        return signature;
    }

    private sealed class Signer(byte[] publicKey) : ISigner
    {
        public ReadOnlyMemory<byte> PublicKey { get; } = publicKey;

        public byte[] Sign(ReadOnlySpan<byte> data) => SimulatedSignatures.Sign(PublicKey.Span, data);
    }
}
