using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Anatomic.Tracker.Policy;

/// <summary>The words that a tracker wants with every announce and scrape; without any it is for everybody.</summary>
internal sealed class AccessTokens(IReadOnlyList<string> tokens)
{
    /// <summary>Shorter ones could be guessed: 8 characters of 64 kinds are 48 bits.</summary>
    public const int MinLength = 8;

    /// <summary>What is compared has this length, whatever the word: the time says nothing about it.</summary>
    public const int MaxLength = 64;

    /// <summary>Unreserved in URLs (RFC 3986, 2.3), so that nobody has to encode them.</summary>
    private static readonly SearchValues<char> Letters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    );

    private readonly byte[][] paddedTokens = [.. tokens.Select(Pad)];

    public bool AreRequired => paddedTokens.Length > 0;

    public static bool IsValid(string token) =>
        token.Length is >= MinLength and <= MaxLength && !token.AsSpan().ContainsAnyExcept(Letters);

    public bool Contains(ReadOnlySpan<byte> token)
    {
        if (token.Length > MaxLength)
        {
            return false;
        }
        Span<byte> padded = stackalloc byte[MaxLength];
        padded.Clear();
        token.CopyTo(padded);
        var isKnown = false;
        foreach (var one in paddedTokens)
        {
            isKnown |= CryptographicOperations.FixedTimeEquals(one, padded);
        }
        return isKnown;
    }

    private static byte[] Pad(string token)
    {
        var bytes = new byte[MaxLength];
        Encoding.ASCII.GetBytes(token, bytes);
        return bytes;
    }
}
