namespace Anatomic.World;

/// <summary>
/// Signatures: ECDSA P-256 with SHA-256 (FIPS 186-5) on a machine; in the simulation, cheap keyed hashes of the same
/// length.
/// </summary>
public interface ISignatures
{
    /// <summary>The signer for a private scalar: 32 bytes, big-endian, 1 … n−1.</summary>
    ISigner Open(ReadOnlySpan<byte> privateKey);

    /// <summary>A new private scalar of 32 bytes from the operating system's entropy.</summary>
    byte[] CreateKey();

    /// <summary>
    /// Verifies a signature. False also when s is in the upper half or the key is not a point of the curve.
    /// </summary>
    /// <param name="publicKey">X‖Y, 64 bytes.</param>
    /// <param name="data">The signed bytes.</param>
    /// <param name="signature">r‖s, 64 bytes.</param>
    bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);
}

public interface ISigner
{
    /// <summary>X‖Y, 64 bytes.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>r‖s, 64 bytes, s in the lower half.</summary>
    byte[] Sign(ReadOnlySpan<byte> data);
}
