using Anatomic.Comparison.Load;
using Anatomic.World;

namespace Anatomic.Comparison.Http;

/// <summary>Scrapes one random torrent per request.</summary>
internal sealed class HttpScrapeWorkload(Population population, ulong seed) : IHttpWorkload
{
    private SplitMix64 random = new(seed);

    public int Write(Span<byte> buffer, int source, out int tag)
    {
        tag = random.Next(population.Torrents);
        return new HttpRequestWriter(buffer)
            .Text("GET /scrape?info_hash="u8)
            .Escaped(population.HashOf(tag))
            .Text(" HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n\r\n"u8)
            .Length;
    }

    public bool IsValid(ReadOnlySpan<byte> body, int tag)
    {
        Span<byte> hash = stackalloc byte[20];
        population.HashOf(tag).CopyTo(hash);
        return body.StartsWith("d5:filesd20:"u8) && body[12..].StartsWith(hash) && body[^1] == 'e';
    }
}
