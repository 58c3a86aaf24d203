using System.Numerics;

namespace Anatomic.Wire.Identity;

/// <summary>
/// The curve NIST P-256 (FIPS 186-5, SEC 2: secp256r1), only to compute public keys, which not every platform's library
/// can derive from a scalar. Not constant-time: it runs once per key, on the owner's machine.
/// </summary>
public static class P256
{
    private const int Bytes = 32;

    /// <summary>n, the number of points.</summary>
    public static readonly BigInteger Order = Parse("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    private static readonly BigInteger Prime = Parse(
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
    );
    private static readonly BigInteger B = Parse("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");
    private static readonly BigInteger BaseX = Parse(
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    );
    private static readonly BigInteger BaseY = Parse(
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    );

    /// <summary>A point in Jacobian coordinates: x = X/Z², y = Y/Z³; Z = 0 is the point at infinity.</summary>
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z)
    {
        public bool IsInfinity => Z.IsZero;
    }

    /// <summary>
    /// Computes the public key X‖Y (64 bytes) of a private scalar of 32 bytes; false unless the scalar is within 1 …
    /// n−1.
    /// </summary>
    public static bool TryPublicKey(ReadOnlySpan<byte> scalar, Span<byte> publicKey)
    {
        var d = new BigInteger(scalar, isUnsigned: true, isBigEndian: true);
        if (scalar.Length != Bytes || d.IsZero || d >= Order)
        {
            return false;
        }
        var result = new Point(BigInteger.One, BigInteger.One, BigInteger.Zero);
        var generator = new Point(BaseX, BaseY, BigInteger.One);
        for (var bit = (Bytes * 8) - 1; bit >= 0; bit--)
        {
            result = Double(result);
            if (!((d >> bit) & BigInteger.One).IsZero)
            {
                result = Add(result, generator);
            }
        }
        var inverse = BigInteger.ModPow(result.Z, Prime - 2, Prime);
        var square = Mod(inverse * inverse);
        ToBytes(Mod(result.X * square)).CopyTo(publicKey);
        ToBytes(Mod(result.Y * Mod(square * inverse))).CopyTo(publicKey[Bytes..]);
        return true;
    }

    /// <summary>Whether 64 bytes X‖Y are a point of the curve.</summary>
    public static bool IsPoint(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != 2 * Bytes)
        {
            return false;
        }
        var x = new BigInteger(publicKey[..Bytes], isUnsigned: true, isBigEndian: true);
        var y = new BigInteger(publicKey[Bytes..], isUnsigned: true, isBigEndian: true);
        return x < Prime && y < Prime && Mod(y * y) == Mod((x * x * x) - (3 * x) + B);
    }

    internal static byte[] ToBytes(BigInteger number)
    {
        var bytes = new byte[Bytes];
        var length = number.GetByteCount(isUnsigned: true);
        number.TryWriteBytes(bytes.AsSpan(Bytes - length), out _, isUnsigned: true, isBigEndian: true);
        return bytes;
    }

    // a = -3: 3(X - Z²)(X + Z²) is the tangent's numerator.
    private static Point Double(Point p)
    {
        if (p.IsInfinity)
        {
            return p;
        }
        var zz = Mod(p.Z * p.Z);
        var yy = Mod(p.Y * p.Y);
        var s = Mod(4 * p.X * yy);
        var m = Mod(3 * (p.X - zz) * (p.X + zz));
        var x = Mod((m * m) - (2 * s));
        return new Point(x, Mod((m * (s - x)) - (8 * yy * yy)), Mod(2 * p.Y * p.Z));
    }

    private static Point Add(Point p, Point affine)
    {
        if (p.IsInfinity)
        {
            return affine;
        }
        var zz = Mod(p.Z * p.Z);
        var h = Mod((affine.X * zz) - p.X);
        var r = Mod((affine.Y * Mod(zz * p.Z)) - p.Y);
        if (h.IsZero)
        {
            return r.IsZero ? Double(p) : new Point(BigInteger.One, BigInteger.One, BigInteger.Zero);
        }
        var hh = Mod(h * h);
        var hhh = Mod(h * hh);
        var v = Mod(p.X * hh);
        var x = Mod((r * r) - hhh - (2 * v));
        return new Point(x, Mod((r * (v - x)) - (p.Y * hhh)), Mod(p.Z * h));
    }

    private static BigInteger Mod(BigInteger number)
    {
        var rest = number % Prime;
        return rest.Sign < 0 ? rest + Prime : rest;
    }

    private static BigInteger Parse(string hex) => new(Convert.FromHexString(hex), isUnsigned: true, isBigEndian: true);
}
