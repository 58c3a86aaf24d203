using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Http;

/// <summary>Scrapes of one torrent each, drawn at random.</summary>
internal sealed class HttpScrapes(Population population, ulong seed) : IHttpWork
{
    private readonly Dice dice = new(seed);

    public int Write(Span<byte> into, int source, out int subject)
    {
        subject = dice.Next(population.Torrents);
        return new HttpText(into)
            .Text("GET /scrape?info_hash="u8)
            .Escaped(population.HashOf(subject))
            .Text(" HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: peers\r\n\r\n"u8)
            .Length;
    }

    public bool IsGood(ReadOnlySpan<byte> body, int subject)
    {
        Span<byte> hash = stackalloc byte[20];
        population.HashOf(subject).CopyTo(hash);
        return body.StartsWith("d5:filesd20:"u8) && body[12..].StartsWith(hash) && body[^1] == 'e';
    }
}
