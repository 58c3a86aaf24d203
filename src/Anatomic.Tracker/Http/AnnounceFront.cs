using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using Anatomic.Tracker.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Proxies;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Tracker.Http;

/// <summary>
/// Answers <c>GET /announce</c> and <c>GET /scrape</c>, and tells other methods so. Failures have status 200 like everything else: several clients drop the
/// body of any other, and with it the reason.
/// </summary>
internal sealed class AnnounceFront(TrackerCore core, ForwardedFor forwarded) : IRequestFront
{
    // Status line, headers and the empty line, rounded up.
    private const int MaxHeadBytes = 160;

    /// <summary>BEP 31 counts in whole minutes; a budget is full again after <see cref="SourceBudgets.BurstSeconds"/>.</summary>
    private const int LimitedRetryMinutes = 1;

    private static ReadOnlySpan<byte> NotAllowedHead =>
        "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Type: text/plain\r\nContent-Length: 7\r\nConnection: close\r\n\r\n"u8;

    private static ReadOnlySpan<byte> NotAllowedBody => "GET it\n"u8;

    private static readonly Fault NobodyAsks = new(
        "the proxy in front of this tracker does not say who asks: it has to send X-Forwarded-For"
    );

    public void Approach(in RequestBatch requests)
    {
        Span<Hash20> swarms = stackalloc Hash20[TrackerBounds.Approached];
        Span<int> slots = stackalloc int[TrackerBounds.Approached];
        var count = 0;
        for (var i = 0; i < requests.Count && count < swarms.Length; i++)
        {
            count += AnnounceQuery.TryPeekSwarm(requests[i], out swarms[count]) ? 1 : 0;
        }
        core.Swarms.Approach(swarms[..count], slots);
    }

    public FrontResult Handle(ReadOnlySpan<byte> head, in Endpoint from, IBufferWriter<byte> reply)
    {
        if (!RequestHead.TryRead(head, out var request) || IsOfOthers(request))
        {
            return FrontResult.NotMine;
        }
        var began = core.Timestamp();
        var client = forwarded.Of(from, request.ForwardedFor);
        var asking = new Asking(core.At(began), core.Statistics.Mine);
        var isScrape = request.Path == TrackerPath.Scrape;
        if (!request.IsGet)
        {
            asking.Tally.Count(TrackerProtocol.Http, RequestOutcome.Refused);
            reply.Write(NotAllowedHead);
            reply.Write(request.IsHead ? [] : NotAllowedBody);
        }
        else if (!core.TryCharge(client, asking.Now))
        {
            asking.Tally.Count(TrackerProtocol.Http, RequestOutcome.Limited);
            Fail(request, Refusals.Of(RequestOutcome.Limited), LimitedRetryMinutes, reply);
        }
        else if (core.Tokens.AreWanted && !HasToken(request))
        {
            asking.Tally.Count(TrackerProtocol.Http, RequestOutcome.NoToken);
            Fail(request, Refusals.Of(RequestOutcome.NoToken), core.RetryMinutes, reply);
        }
        else if (isScrape)
        {
            Scrape(request, asking, reply);
        }
        else
        {
            Announce(request, client, asking, reply);
        }
        var kind = isScrape ? RequestKind.Scrape : RequestKind.Announce;
        asking.Tally.Took(TrackerProtocol.Http, kind, core.Since(began), requests: 1);
        return request.KeepOpen ? FrontResult.KeepOpen : FrontResult.Close;
    }

    /// <summary>Folders mean something only where tokens are wanted, and a scrape of everything is not for the front.</summary>
    private bool IsOfOthers(in RequestHead request) =>
        (!request.PathToken.IsEmpty && !core.Tokens.AreWanted)
        || (core.Options.FullScrape && request.Path == TrackerPath.Scrape && !FullScrape.IsOfSome(request.Query));

    private bool HasToken(in RequestHead request) =>
        core.Tokens.Has(request.PathToken.IsEmpty ? TokenQuery.OfQuery(request.Query) : request.PathToken);

    /// <summary>The room for peers is not cleared first: it is kilobytes, of which a reply uses hundreds, all of them written.</summary>
    [SkipLocalsInit]
    private void Announce(in RequestHead request, in Endpoint from, in Asking asking, IBufferWriter<byte> reply)
    {
        if (!AnnounceQuery.TryReadHttp(request.Query, out var query, out var fault))
        {
            Refuse(request, asking, fault, reply);
            return;
        }
        if (from == default)
        {
            Refuse(request, asking, NobodyAsks, reply);
            return;
        }
        Span<byte> v4 = stackalloc byte[TrackerBounds.MaxWanted * 6];
        Span<byte> v6 = stackalloc byte[TrackerBounds.MaxWanted * 18];
        var room = new ReplyRoom { V4 = v4, V6 = v6 };
        var result = core.Announce(
            query,
            from,
            SwarmTable.NoSlot,
            TrackerProtocol.Http,
            asking.Tally,
            asking.Now,
            ref room
        );
        if (result.Outcome != RequestOutcome.Announced)
        {
            Fail(request, Refusals.Of(result.Outcome), core.RetryMinutes, reply);
            return;
        }
        var answer = new AnnounceAnswer
        {
            IntervalSeconds = result.IntervalSeconds,
            MinIntervalSeconds = Math.Min(core.MinIntervalSeconds, result.IntervalSeconds),
            Complete = result.Totals.Seeds,
            Incomplete = result.Totals.Leeches,
            Asker = from,
            PeersV4 = v4[..(6 * room.V4Count)],
            PeersV6 = v6[..(18 * room.V6Count)],
            Compact = query.Compact,
        };
        var into = reply.GetSpan(MaxHeadBytes + HttpAnswers.RoomOfAnnounce(answer));
        Finish(request, into, HttpAnswers.WriteAnnounce(into[MaxHeadBytes..], answer), reply);
    }

    private void Scrape(in RequestHead request, in Asking asking, IBufferWriter<byte> reply)
    {
        Span<Hash20> swarms = stackalloc Hash20[TrackerLimits.MaxHttpScrapeHashes];
        if (!ScrapeQuery.TryReadHttp(request.Query, swarms, out var count, out var fault))
        {
            Refuse(request, asking, fault, reply);
            return;
        }
        var into = reply.GetSpan(MaxHeadBytes + HttpAnswers.RoomOfScrape(count));
        var body = into[MaxHeadBytes..];
        var length = HttpAnswers.BeginScrape(body);
        Span<ScrapeCounts> counts = stackalloc ScrapeCounts[TrackerLimits.MaxHttpScrapeHashes];
        Span<bool> known = stackalloc bool[TrackerLimits.MaxHttpScrapeHashes];
        core.Swarms.Scrape(swarms[..count], asking.Now, counts, known);
        for (var i = 0; i < count; i++)
        {
            if (known[i])
            {
                length += HttpAnswers.WriteScrapeFile(body[length..], swarms[i], counts[i]);
            }
        }
        length += HttpAnswers.EndScrape(body[length..], core.MinIntervalSeconds);
        asking.Tally.Count(TrackerProtocol.Http, RequestOutcome.Scraped);
        Finish(request, into, length, reply);
    }

    private static void Refuse(in RequestHead request, in Asking asking, Fault fault, IBufferWriter<byte> reply)
    {
        asking.Tally.Count(TrackerProtocol.Http, RequestOutcome.Refused);
        Span<byte> words = stackalloc byte[256];
        Fail(request, words[..Refusals.Write(fault, words)], retryMinutes: 0, reply);
    }

    private static void Fail(
        in RequestHead request,
        ReadOnlySpan<byte> reason,
        int retryMinutes,
        IBufferWriter<byte> reply
    )
    {
        var into = reply.GetSpan(MaxHeadBytes + HttpAnswers.RoomOfFailure(reason.Length));
        Finish(request, into, HttpAnswers.WriteFailure(into[MaxHeadBytes..], reason, retryMinutes), reply);
    }

    /// <summary>The body's length is known only now: the head is written in front, and the body moved up to it.</summary>
    private static void Finish(in RequestHead request, Span<byte> into, int bodyBytes, IBufferWriter<byte> reply)
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

    /// <summary>What there is to a request beside its head.</summary>
    private readonly record struct Asking(Moment Now, RequestTally Tally);
}
