using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Requests;
using Anatomic.Tracker.Statistics;
using Anatomic.Tracker.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.Wire.Proxies;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Tracker.Http;

/// <summary>
/// Answers <c>GET /announce</c> and <c>GET /scrape</c>, and rejects other methods. Failures have status 200 too:
/// several clients ignore the body of any other status, and with it the reason.
/// </summary>
internal sealed class HttpFrontEnd(TrackerCore core, ForwardedFor forwarded) : IRequestFront
{
    // Status line, headers and the empty line, rounded up.
    private const int MaxHeadBytes = 160;

    /// <summary>
    /// BEP 31 counts whole minutes; a bucket is full again after <see cref="SourceRateLimiter.BurstSeconds"/>.
    /// </summary>
    private const int LimitedRetryMinutes = 1;

    private static ReadOnlySpan<byte> NotAllowedHead =>
        "HTTP/1.1 405 Method Not Allowed\r\n"u8
        + "Allow: GET\r\nContent-Type: text/plain\r\nContent-Length: 8\r\nConnection: close\r\n\r\n"u8;

    private static ReadOnlySpan<byte> NotAllowedBody => "use GET\n"u8;

    private static readonly Fault MissingClientAddress = new(
        "the proxy in front of this tracker must send the client's address in X-Forwarded-For"
    );

    public void Prefetch(in RequestBatch requests)
    {
        Span<Hash20> swarms = stackalloc Hash20[TrackerLimits.PrefetchBatch];
        Span<int> slots = stackalloc int[TrackerLimits.PrefetchBatch];
        var count = 0;
        for (var i = 0; i < requests.Count && count < swarms.Length; i++)
        {
            count += AnnounceQuery.TryPeekSwarm(requests[i].Query, out swarms[count]) ? 1 : 0;
        }
        core.Swarms.Prefetch(swarms[..count], slots);
    }

    public FrontResult Handle(in RequestHead head, in Endpoint from, IBufferWriter<byte> reply)
    {
        if (!TrackerRequest.TryRead(head, out var request) || IsForPipeline(request))
        {
            return FrontResult.PassThrough;
        }
        var began = core.Timestamp();
        var client = forwarded.Of(from, request.ForwardedFor);
        var context = new RequestContext(core.TimeAt(began), core.Statistics.Current);
        var isScrape = request.Path == TrackerPath.Scrape;
        if (!request.IsGet)
        {
            context.Counters.Count(TrackerProtocol.Http, RequestOutcome.Refused);
            reply.Write(NotAllowedHead);
            reply.Write(request.IsHead ? [] : NotAllowedBody);
        }
        else if (!core.TryCharge(client, context.Now))
        {
            context.Counters.Count(TrackerProtocol.Http, RequestOutcome.Limited);
            WriteFailure(request, FailureReasons.For(RequestOutcome.Limited), LimitedRetryMinutes, reply);
        }
        else if (core.Tokens.AreRequired && !HasToken(request))
        {
            context.Counters.Count(TrackerProtocol.Http, RequestOutcome.NoToken);
            WriteFailure(request, FailureReasons.For(RequestOutcome.NoToken), core.RetryMinutes, reply);
        }
        else if (isScrape)
        {
            Scrape(request, context, reply);
        }
        else
        {
            Announce(request, client, context, reply);
        }
        var kind = isScrape ? RequestKind.Scrape : RequestKind.Announce;
        context.Counters.RecordLatency(TrackerProtocol.Http, kind, core.ElapsedSince(began), requests: 1);
        return request.KeepOpen ? FrontResult.KeepOpen : FrontResult.Close;
    }

    /// <summary>
    /// Path tokens are only valid on a private tracker. Full scrapes are left to the ordinary pipeline.
    /// </summary>
    private bool IsForPipeline(in TrackerRequest request) =>
        (!request.PathToken.IsEmpty && !core.Tokens.AreRequired)
        || (
            core.Options.FullScrape
            && request.Path == TrackerPath.Scrape
            && !FullScrapeHandler.NamesTorrents(request.Query)
        );

    private bool HasToken(in TrackerRequest request) =>
        core.Tokens.Contains(request.PathToken.IsEmpty ? AccessToken.FromQuery(request.Query) : request.PathToken);

    /// <summary>
    /// The peer buffers are not cleared: they are kilobytes, and a reply writes all bytes that it uses.
    /// </summary>
    [SkipLocalsInit]
    private void Announce(
        in TrackerRequest request,
        in Endpoint from,
        in RequestContext context,
        IBufferWriter<byte> reply
    )
    {
        if (!AnnounceQuery.TryReadHttp(request.Query, out var query, out var fault))
        {
            RejectFault(request, context, fault, reply);
            return;
        }
        if (from == default)
        {
            RejectFault(request, context, MissingClientAddress, reply);
            return;
        }
        Span<byte> v4 = stackalloc byte[TrackerLimits.MaxWanted * 6];
        Span<byte> v6 = stackalloc byte[TrackerLimits.MaxWanted * 18];
        var buffers = new ReplyBuffers { V4 = v4, V6 = v6 };
        var result = core.Announce(
            query,
            from,
            SwarmTable.NoSlot,
            TrackerProtocol.Http,
            context.Counters,
            context.Now,
            ref buffers
        );
        if (result.Outcome != RequestOutcome.Announced)
        {
            WriteFailure(request, FailureReasons.For(result.Outcome), core.RetryMinutes, reply);
            return;
        }
        var answer = new AnnounceResponseData
        {
            IntervalSeconds = result.IntervalSeconds,
            MinIntervalSeconds = Math.Min(core.MinIntervalSeconds, result.IntervalSeconds),
            Complete = result.Totals.Seeds,
            Incomplete = result.Totals.Leechers,
            ClientAddress = from,
            PeersV4 = v4[..(6 * buffers.V4Count)],
            PeersV6 = v6[..(18 * buffers.V6Count)],
            Compact = query.Compact,
        };
        var into = reply.GetSpan(MaxHeadBytes + HttpServerCodec.MaxAnnounceBytes(answer));
        WriteHeadAndMoveBody(request, into, HttpServerCodec.WriteAnnounce(into[MaxHeadBytes..], answer), reply);
    }

    private void Scrape(in TrackerRequest request, in RequestContext context, IBufferWriter<byte> reply)
    {
        Span<Hash20> swarms = stackalloc Hash20[TrackerProtocolLimits.MaxHttpScrapeHashes];
        if (!ScrapeQuery.TryReadHttp(request.Query, swarms, out var count, out var fault))
        {
            RejectFault(request, context, fault, reply);
            return;
        }
        var into = reply.GetSpan(MaxHeadBytes + HttpServerCodec.MaxScrapeBytes(count));
        var body = into[MaxHeadBytes..];
        var length = HttpServerCodec.BeginScrape(body);
        Span<ScrapeCounts> counts = stackalloc ScrapeCounts[TrackerProtocolLimits.MaxHttpScrapeHashes];
        Span<bool> known = stackalloc bool[TrackerProtocolLimits.MaxHttpScrapeHashes];
        core.Swarms.Scrape(swarms[..count], context.Now, counts, known);
        for (var i = 0; i < count; i++)
        {
            if (known[i])
            {
                length += HttpServerCodec.WriteScrapeFile(body[length..], swarms[i], counts[i]);
            }
        }
        length += HttpServerCodec.EndScrape(body[length..], core.MinIntervalSeconds);
        context.Counters.Count(TrackerProtocol.Http, RequestOutcome.Scraped);
        WriteHeadAndMoveBody(request, into, length, reply);
    }

    private static void RejectFault(
        in TrackerRequest request,
        in RequestContext context,
        Fault fault,
        IBufferWriter<byte> reply
    )
    {
        context.Counters.Count(TrackerProtocol.Http, RequestOutcome.Refused);
        Span<byte> reason = stackalloc byte[256];
        WriteFailure(request, reason[..FailureReasons.Write(fault, reason)], retryMinutes: 0, reply);
    }

    private static void WriteFailure(
        in TrackerRequest request,
        ReadOnlySpan<byte> reason,
        int retryMinutes,
        IBufferWriter<byte> reply
    )
    {
        var into = reply.GetSpan(MaxHeadBytes + HttpServerCodec.MaxFailureBytes(reason.Length));
        WriteHeadAndMoveBody(
            request,
            into,
            HttpServerCodec.WriteFailure(into[MaxHeadBytes..], reason, retryMinutes),
            reply
        );
    }

    /// <summary>The length of the body is known only now: writes the head and moves the body up to it.</summary>
    private static void WriteHeadAndMoveBody(
        in TrackerRequest request,
        Span<byte> into,
        int bodyBytes,
        IBufferWriter<byte> reply
    )
    {
        var length = 0;
        Append(into, ref length, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "u8);
        Invariant.Holds(Utf8Formatter.TryFormat(bodyBytes, into[length..], out var digits));
        length += digits;
        if (!request.KeepOpen)
        {
            Append(into, ref length, "\r\nConnection: close"u8);
        }
        else if (request.IsVersion10)
        {
            Append(into, ref length, "\r\nConnection: keep-alive"u8);
        }
        Append(into, ref length, "\r\n\r\n"u8);
        into.Slice(MaxHeadBytes, bodyBytes).CopyTo(into[length..]);
        reply.Advance(length + bodyBytes);
    }

    private static void Append(Span<byte> into, ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(into[length..]);
        length += text.Length;
    }

    /// <summary>What a request needs besides its head.</summary>
    private readonly record struct RequestContext(TrackerTime Now, RequestCounters Counters);
}
