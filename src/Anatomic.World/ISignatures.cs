namespace Anatomic.World;

/// <summary>
/// ECDSA P-256 with SHA-256 (FIPS 186-5) on a machine; in the simulation a keyed hash of the same lengths, without cost.
/// </summary>
public interface ISignatures
{
    /// <summary>The signer of a private scalar: 32 bytes, big-endian, 1 … n−1.</summary>
    ISigner Open(ReadOnlySpan<byte> privateKey);

    /// <summary>A new private scalar of 32 bytes, from the operating system's entropy.</summary>
    byte[] CreateKey();

    /// <param name="publicKey">X‖Y, 64 bytes.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">r‖s, 64 bytes. False, too, when s is in the upper half or the key is no point.</param>
    bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);
}

public interface ISigner
{
    /// <summary>X‖Y, 64 bytes.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>r‖s, 64 bytes, s in the lower half.</summary>
    byte[] Sign(ReadOnlySpan<byte> data);
}
