using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Wire.Trackers;

/// <summary>Reads the hashes of an HTTP scrape (BEP 48).</summary>
public static class ScrapeQuery
{
    private static readonly Fault NoHash = new("full scrapes are not supported; name the torrents with info_hash");
    private static readonly Fault BadHash = new("info_hash does not have 20 bytes");

    /// <summary>
    /// Reads every <c>info_hash</c> that fits into <paramref name="into"/>, sorted and without duplicates, as the
    /// response's dictionary requires.
    /// </summary>
    public static bool TryReadHttp(
        ReadOnlySpan<byte> query,
        Span<Hash20> into,
        out int count,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        count = 0;
        fault = null;
        Span<byte> bytes = stackalloc byte[Hash20.Length];
        var reader = new QueryReader(query);
        while (count < into.Length && reader.TryNext(out var key, out var value))
        {
            if (!key.SequenceEqual("info_hash"u8))
            {
                continue;
            }
            if (!AnnounceQuery.TryDecodeHash(value, bytes))
            {
                fault = BadHash;
                return false;
            }
            into[count++] = new Hash20(bytes);
        }
        if (count == 0)
        {
            fault = NoHash;
            return false;
        }
        into[..count].Sort();
        var unique = 1;
        for (var i = 1; i < count; i++)
        {
            if (into[i] != into[unique - 1])
            {
                into[unique++] = into[i];
            }
        }
        count = unique;
        return true;
    }
}
