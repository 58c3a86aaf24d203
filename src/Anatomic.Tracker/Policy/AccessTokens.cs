using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Anatomic.Tracker.Policy;

/// <summary>The access tokens of a private tracker. Without any, the tracker is public.</summary>
internal sealed class AccessTokens(IReadOnlyList<string> tokens)
{
    /// <summary>A shorter token could be guessed: 8 characters out of 64 are 48 bits.</summary>
    public const int MinLength = 8;

    /// <summary>
    /// Tokens are padded to this length, so that the time of a comparison does not reveal their length.
    /// </summary>
    public const int MaxLength = 64;

    /// <summary>Unreserved in URLs (RFC 3986, 2.3), so they need no percent-encoding.</summary>
    private static readonly SearchValues<char> AllowedCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    );

    private readonly byte[][] paddedTokens = [.. tokens.Select(Pad)];

    public bool AreRequired => paddedTokens.Length > 0;

    public static bool IsValid(string token) =>
        token.Length is >= MinLength and <= MaxLength && !token.AsSpan().ContainsAnyExcept(AllowedCharacters);

    public bool Contains(ReadOnlySpan<byte> token)
    {
        if (token.Length > MaxLength)
        {
            return false;
        }
        Span<byte> padded = stackalloc byte[MaxLength];
        padded.Clear();
        token.CopyTo(padded);
        var isFound = false;
        foreach (var candidate in paddedTokens)
        {
            isFound |= CryptographicOperations.FixedTimeEquals(candidate, padded);
        }
        return isFound;
    }

    private static byte[] Pad(string token)
    {
        var bytes = new byte[MaxLength];
        Encoding.ASCII.GetBytes(token, bytes);
        return bytes;
    }
}
