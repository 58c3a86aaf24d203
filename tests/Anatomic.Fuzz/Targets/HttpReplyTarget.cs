using System.Text;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// Responses of HTTP trackers read by a client: they stay within the limits, and round-trip through our tracker's
/// writer.
/// </summary>
internal sealed class HttpReplyTarget : IFuzzTarget
{
    private static readonly TimeSpan Day = TimeSpan.FromSeconds(TrackerProtocolLimits.MaxIntervalSeconds);

    public string Name => "http-reply";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. new[]
        {
            "5:peers",
            "6:peers6",
            "d2:ip3:::14:porti1ee",
            "d2:ip7:1.2.3.44:porti65536ee",
            "8:intervali60e",
            "12:min intervali9223372036854775807e",
            "14:failure reason0:",
            "8:retry in5:never",
            "8:retry ini1e",
            "11:external ip4:abcd",
            "11:external ip16:abcdefghijklmnop",
            "10:tracker id1:x",
            "5:filesd20:abcdefghijabcdefghijd8:completei1eee",
            "5:flagsd20:min_request_intervali1ee",
            "i-1e",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    public void Run(byte[] input)
    {
        var fine = HttpClientCodec.TryReadAnnounce(input, out var announce, out var fault);
        Invariant.Holds(fine == fault is null);
        if (announce is not null)
        {
            Announce(announce);
        }
        fine = HttpClientCodec.TryReadScrape(input, out var scrape, out fault);
        Invariant.Holds(fine == fault is null);
        if (scrape is not null)
        {
            Scrape(scrape);
        }
    }

    private static void Announce(AnnounceResponse reply)
    {
        Invariant.Holds(
            reply.Peers.Count <= TrackerProtocolLimits.MaxPeersRead && reply.Peers.All(peer => peer.Port != 0)
        );
        Invariant.Holds(reply.Interval is not { } interval || (interval > TimeSpan.Zero && interval <= Day));
        Invariant.Holds(reply.MinInterval is not { } least || (least > TimeSpan.Zero && least <= Day));
        Invariant.Holds(reply.RetryIn is not { } retry || (retry >= TimeSpan.Zero && retry <= Day));
        Invariant.Holds((reply.FailureReason?.Length ?? 0) <= TrackerProtocolLimits.MaxTextBytes);
        Invariant.Holds((reply.WarningMessage?.Length ?? 0) <= TrackerProtocolLimits.MaxTextBytes);
        Invariant.Holds(reply.Complete is not < 0 && reply.Incomplete is not < 0);
        if (reply.FailureReason is not null || reply.Interval is not { } pause)
        {
            return;
        }
        foreach (var compact in (bool[])[true, false])
        {
            var answer = new AnnounceResponseData
            {
                IntervalSeconds = (int)pause.TotalSeconds,
                MinIntervalSeconds = (int)(reply.MinInterval?.TotalSeconds ?? 0),
                Complete = reply.Complete ?? 0,
                Incomplete = reply.Incomplete ?? 0,
                ClientAddress = reply.ExternalAddress ?? default,
                PeersV4 = Compact(reply.Peers.Where(peer => peer.IsV4)),
                PeersV6 = Compact(reply.Peers.Where(peer => !peer.IsV4)),
                Compact = compact,
            };
            var body = new byte[HttpServerCodec.MaxAnnounceBytes(answer)];
            var length = HttpServerCodec.WriteAnnounce(body, answer);
            Invariant.Holds(HttpClientCodec.TryReadAnnounce(body.AsMemory(0, length), out var again, out _));
            Invariant.Holds(again.Interval == reply.Interval && again.MinInterval == reply.MinInterval);
            Invariant.Holds(again.Complete == (reply.Complete ?? 0) && again.Incomplete == (reply.Incomplete ?? 0));
            Invariant.Holds(again.ExternalAddress == (reply.ExternalAddress ?? default));
            Invariant.Holds(again.Peers.SequenceEqual(reply.Peers.OrderBy(peer => peer.IsV4 ? 0 : 1)));
        }
    }

    private static void Scrape(ScrapeResponse reply)
    {
        var body = new byte[HttpServerCodec.MaxScrapeBytes(reply.Files.Count)];
        var length = HttpServerCodec.BeginScrape(body);
        foreach (var (swarm, counts) in reply.Files)
        {
            length += HttpServerCodec.WriteScrapeFile(body.AsSpan(length), swarm, counts);
        }
        length += HttpServerCodec.EndScrape(body.AsSpan(length), (int)(reply.MinInterval?.TotalSeconds ?? 0));
        Invariant.Holds(HttpClientCodec.TryReadScrape(body.AsMemory(0, length), out var again, out _));
        Invariant.Holds(again.Files.SequenceEqual(reply.Files) && again.MinInterval == reply.MinInterval);
    }

    private static byte[] Compact(IEnumerable<Endpoint> peers)
    {
        var bytes = new List<byte>();
        Span<byte> one = stackalloc byte[18];
        foreach (var peer in peers)
        {
            bytes.AddRange(one[..peer.WriteCompact(one)]);
        }
        return [.. bytes];
    }
}
