using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Anatomic.Tracker.Policy;

/// <summary>The words that a tracker wants with every announce and scrape; without any it is for everybody.</summary>
internal sealed class AccessTokens(IReadOnlyList<string> words)
{
    /// <summary>Shorter ones could be guessed: 8 characters of 64 kinds are 48 bits.</summary>
    public const int MinLength = 8;

    /// <summary>What is compared has this length, whatever the word: the time says nothing about it.</summary>
    public const int MaxLength = 64;

    /// <summary>Unreserved in URLs (RFC 3986, 2.3), so that nobody has to encode them.</summary>
    private static readonly SearchValues<char> Letters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    );

    private readonly byte[][] known = [.. words.Select(Padded)];

    public bool AreRequired => known.Length > 0;

    public static bool IsValid(string word) =>
        word.Length is >= MinLength and <= MaxLength && !word.AsSpan().ContainsAnyExcept(Letters);

    public bool Contains(ReadOnlySpan<byte> word)
    {
        if (word.Length > MaxLength)
        {
            return false;
        }
        Span<byte> padded = stackalloc byte[MaxLength];
        padded.Clear();
        word.CopyTo(padded);
        var isKnown = false;
        foreach (var one in known)
        {
            isKnown |= CryptographicOperations.FixedTimeEquals(one, padded);
        }
        return isKnown;
    }

    private static byte[] Padded(string word)
    {
        var bytes = new byte[MaxLength];
        Encoding.ASCII.GetBytes(word, bytes);
        return bytes;
    }
}
