namespace Anatomic.Wire.Trackers;

/// <summary>The content of an HTTP tracker's response to an announce.</summary>
public readonly ref struct AnnounceResponseData
{
    public required int IntervalSeconds { get; init; }
    public required int MinIntervalSeconds { get; init; }

    /// <summary>Number of seeds.</summary>
    public required int Complete { get; init; }
    public required int Incomplete { get; init; }

    /// <summary>The client's own address, which it may not know (BEP 24).</summary>
    public required Endpoint ClientAddress { get; init; }

    /// <summary>6 bytes each.</summary>
    public required ReadOnlySpan<byte> PeersV4 { get; init; }

    /// <summary>18 bytes each.</summary>
    public required ReadOnlySpan<byte> PeersV6 { get; init; }

    /// <summary>False: peers are sent as dictionaries of <c>ip</c> and <c>port</c>, without peer ids.</summary>
    public required bool Compact { get; init; }
}

/// <summary>
/// Writes the response bodies of an HTTP tracker (BEP 3, 7, 21, 23, 24, 31, 48). Each method writes at the beginning of
/// a span, which must have the length of the matching Max method, and returns the number of bytes. Allocates nothing.
/// </summary>
public static class HttpServerCodec
{
    // All keys and numbers of a response except its peers, rounded up.
    private const int FixedBytes = 256;

    // d2:ip39:<an uncompressed IPv6 address>4:porti65535ee
    private const int DictionaryPeerBytes = 64;

    // 20:<hash>d8:completei2147483647e10:downloadedi2147483647e11:downloadersi2147483647e10:incompletei2147483647ee
    private const int ScrapeFileBytes = 128;

    /// <summary>Upper bound of the length of an announce's response.</summary>
    public static int MaxAnnounceBytes(in AnnounceResponseData response) =>
        FixedBytes
        + (
            response.Compact
                ? response.PeersV4.Length + response.PeersV6.Length
                : ((response.PeersV4.Length / 6) + (response.PeersV6.Length / 18)) * DictionaryPeerBytes
        );

    public static int MaxScrapeBytes(int files) => FixedBytes + (files * ScrapeFileBytes);

    public static int MaxFailureBytes(int reasonBytes) => FixedBytes + reasonBytes;

    public static int WriteAnnounce(Span<byte> into, in AnnounceResponseData response)
    {
        var body = new BencodeSpanWriter(into);
        body.Raw("d8:complete"u8);
        body.Integer(response.Complete);
        body.Raw("11:external ip"u8);
        Span<byte> address = stackalloc byte[18];
        var compactBytes = response.ClientAddress.WriteCompact(address);
        body.Bytes(address[..(compactBytes - 2)]);
        body.Raw("10:incomplete"u8);
        body.Integer(response.Incomplete);
        body.Raw("8:interval"u8);
        body.Integer(response.IntervalSeconds);
        body.Raw("12:min interval"u8);
        body.Integer(response.MinIntervalSeconds);
        body.Raw("5:peers"u8);
        if (response.Compact)
        {
            body.Bytes(response.PeersV4);
            if (!response.PeersV6.IsEmpty)
            {
                body.Raw("6:peers6"u8);
                body.Bytes(response.PeersV6);
            }
        }
        else
        {
            body.Raw("l"u8);
            WriteDictionaries(ref body, response.PeersV4, 6);
            WriteDictionaries(ref body, response.PeersV6, 18);
            body.Raw("e"u8);
        }
        body.Raw("e"u8);
        return body.Length;
    }

    /// <param name="reason">UTF-8 text for the user.</param>
    /// <param name="retryMinutes">When to retry (BEP 31); 0: not given.</param>
    public static int WriteFailure(Span<byte> into, ReadOnlySpan<byte> reason, int retryMinutes)
    {
        var body = new BencodeSpanWriter(into);
        body.Raw("d14:failure reason"u8);
        body.Bytes(reason);
        // Some clients require the key in every response.
        body.Raw("5:peers0:"u8);
        if (retryMinutes > 0)
        {
            body.Raw("8:retry in"u8);
            body.Integer(retryMinutes);
        }
        body.Raw("e"u8);
        return body.Length;
    }

    /// <summary>
    /// Begins a scrape. Then follow one <see cref="WriteScrapeFile"/> per swarm, by ascending hash, and
    /// <see cref="EndScrape"/>.
    /// </summary>
    public static int BeginScrape(Span<byte> into)
    {
        var body = new BencodeSpanWriter(into);
        body.Raw("d5:filesd"u8);
        return body.Length;
    }

    public static int WriteScrapeFile(Span<byte> into, Hash20 swarm, in ScrapeCounts counts)
    {
        var body = new BencodeSpanWriter(into);
        body.Raw("20:"u8);
        swarm.CopyTo(body.Rest);
        body.Advance(Hash20.Length);
        body.Raw("d8:complete"u8);
        body.Integer(counts.Complete);
        body.Raw("10:downloaded"u8);
        body.Integer(counts.Downloaded);
        if (counts.Downloaders is { } downloaders)
        {
            body.Raw("11:downloaders"u8);
            body.Integer(downloaders);
        }
        body.Raw("10:incomplete"u8);
        body.Integer(counts.Incomplete);
        body.Raw("e"u8);
        return body.Length;
    }

    /// <param name="minSeconds">Shortest time between two scrapes, <c>flags.min_request_interval</c>.</param>
    public static int EndScrape(Span<byte> into, int minSeconds)
    {
        var body = new BencodeSpanWriter(into);
        body.Raw("e5:flagsd20:min_request_interval"u8);
        body.Integer(minSeconds);
        body.Raw("ee"u8);
        return body.Length;
    }

    private static void WriteDictionaries(ref BencodeSpanWriter body, ReadOnlySpan<byte> compact, int bytesPerPeer)
    {
        Span<byte> text = stackalloc byte[AddressText.MaxBytes];
        for (; compact.Length >= bytesPerPeer; compact = compact[bytesPerPeer..])
        {
            var peer = Endpoint.FromCompact(compact[..bytesPerPeer]);
            var length = AddressText.Write(peer, text);
            body.Raw("d2:ip"u8);
            body.Bytes(text[..length]);
            body.Raw("4:port"u8);
            body.Integer(peer.Port);
            body.Raw("e"u8);
        }
    }
}
