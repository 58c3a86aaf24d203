using System.Text;
using Anatomic.Tracker;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Http;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// A sequence of announce and scrape heads to an open tracker. The first byte selects the client, and its highest bit
/// lets time pass before each. Responses are well-formed, and queries round-trip through the client's writer.
/// </summary>
internal sealed class HttpRequestTarget : IFuzzTarget
{
    private const int Later = 0x80;
    private static readonly Hash20 PeerId = new("-AN0001-abcdefghijkl"u8);

    public string Name => "http-request";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. new[]
        {
            "\r\n",
            "\r\n\r\n",
            "GET /announce?",
            "GET /scrape?",
            "POST /announce?",
            "HEAD /scrape?",
            " HTTP/1.1\r\n",
            " HTTP/1.0\r\n",
            "&info_hash=%00%01%02%03%04%05%06%07%08%09abcdefghij",
            "&peer_id=-AN0001-abcdefghijkl",
            "&port=0",
            "&port=65535",
            "&left=0",
            "&left=-1",
            "&numwant=2147483648",
            "&compact=0",
            "&event=stopped",
            "&event=completed",
            "&event=paused",
            "%",
            "%0",
            "%zz",
            "X-Forwarded-For: 10.0.0.1, 2001:db8::1\r\n",
            "X-Forwarded-For: [::1%25]:5\r\n",
            "Connection: keep-alive, close\r\n",
            "Content-Length: 0\r\n",
            "Content-Length: 5\r\n",
            "Transfer-Encoding: chunked\r\n",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    public void Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }
        using var tracker = new FuzzedTracker();
        var rest = input.AsSpan(1);
        Prefetch(tracker.Service, input);
        for (var number = input[0]; !rest.IsEmpty; number++)
        {
            var end = rest.IndexOf("\r\n\r\n"u8);
            var head = end < 0 ? rest : rest[..(end + 4)];
            rest = rest[head.Length..];
            if ((input[0] & Later) != 0)
            {
                tracker.Advance();
            }
            Send(tracker.Service, head, FuzzedTracker.ClientAddress(number));
            var (begin, length) = (head.IndexOf((byte)'?') + 1, 0);
            length = head[begin..].IndexOf((byte)' ');
            RoundTrip(length < 0 ? head[begin..] : head.Slice(begin, length));
        }
        tracker.Service.ReadStatistics();
    }

    /// <summary>As if the input had arrived on several connections, cut at other places.</summary>
    private static void Prefetch(TrackerService tracker, byte[] input)
    {
        var requests = new List<BatchedRequest>();
        foreach (var start in new[] { 0, 1, input.Length / 2 })
        {
            if (RequestHeadReader.TryRead(input.AsSpan(start), out var head))
            {
                requests.Add(new BatchedRequest(start, head));
            }
        }
        tracker.HttpFront.Prefetch(new RequestBatch(input, requests.ToArray()));
    }

    private static void Send(TrackerService tracker, ReadOnlySpan<byte> head, in Endpoint client)
    {
        if (!RequestHeadReader.TryRead(head, out var layout))
        {
            return;
        }
        Invariant.Holds(layout.Length == head.Length);
        var writer = new ExactWriter();
        var result = tracker.HttpFront.Handle(new RequestHead(head, layout), client, writer);
        var written = writer.Written;
        var reply = written.AsSpan();
        if (result == FrontResult.PassThrough)
        {
            Invariant.Holds(reply.IsEmpty);
            return;
        }
        var isGet = head.StartsWith("GET "u8);
        Invariant.Holds(reply.StartsWith(isGet ? "HTTP/1.1 200 OK\r\n"u8 : "HTTP/1.1 405 Method Not Allowed\r\n"u8));
        var end = reply.IndexOf("\r\n\r\n"u8);
        var lines = Encoding.Latin1.GetString(reply[..end]).Split("\r\n");
        var body = written.AsMemory(end + 4);
        Invariant.Holds(lines.Contains("Connection: close") == (result == FrontResult.Close));
        Invariant.Holds(lines.Contains($"Content-Length: {body.Length}") || head.StartsWith("HEAD "u8));
        if (!isGet)
        {
            Invariant.Holds(result == FrontResult.Close && lines.Contains("Allow: GET"));
            return;
        }
        Invariant.Holds(BencodeValue.TryParse(body, BencodeMode.Strict, out _, out _));
        Invariant.Holds(HttpClientCodec.TryReadAnnounce(body, out var announce, out _));
        Invariant.Holds(HttpClientCodec.TryReadScrape(body, out var scrape, out _));
        Invariant.Holds(
            announce.FailureReason is not null || announce.Interval is not null || scrape.MinInterval is not null
        );
    }

    private static void RoundTrip(ReadOnlySpan<byte> query)
    {
        var fine = AnnounceQuery.TryReadHttp(query, out var read, out var fault);
        Invariant.Holds(fine == fault is null);
        if (fine)
        {
            var request = new AnnounceRequest
            {
                Swarm = read.Swarm,
                PeerId = PeerId,
                Port = read.Port,
                LeftBytes = read.IsSeed ? 0 : 1,
                Event = read.Event,
                Wanted = read.Wanted,
                Key = read.Key,
            };
            var written = Encoding.ASCII.GetBytes(HttpClientCodec.Announce("", request))[1..];
            Invariant.Holds(AnnounceQuery.TryReadHttp(written, out var again, out _));
            Invariant.Holds(again == read with { Compact = true });
        }
        Span<Hash20> swarms = stackalloc Hash20[TrackerProtocolLimits.MaxHttpScrapeHashes];
        fine = ScrapeQuery.TryReadHttp(query, swarms, out var count, out fault);
        Invariant.Holds(fine == fault is null);
        if (fine)
        {
            Invariant.Holds(HttpClientCodec.TryScrape("/announce", swarms[..count], out var url));
            Span<Hash20> again = stackalloc Hash20[TrackerProtocolLimits.MaxHttpScrapeHashes];
            var written = Encoding.ASCII.GetBytes(url["/scrape?".Length..]);
            Invariant.Holds(ScrapeQuery.TryReadHttp(written, again, out var countAgain, out _));
            Invariant.Holds(again[..countAgain].SequenceEqual(swarms[..count]));
        }
    }
}
