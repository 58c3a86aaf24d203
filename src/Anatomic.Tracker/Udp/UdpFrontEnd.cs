using System.Runtime.CompilerServices;
using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Requests;
using Anatomic.Tracker.Statistics;
using Anatomic.Tracker.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Tracker.Udp;

/// <summary>
/// Answers BEP 15. Malformed datagrams and those without a valid connection id are dropped, because the sender's
/// address may be forged.
/// </summary>
internal sealed class UdpFrontEnd(TrackerCore core, ReadOnlySpan<byte> connectionKey) : IDatagramHandler
{
    /// <summary>
    /// A path with a token and a query of other parameters. A longer one is not a URL of this tracker.
    /// </summary>
    private const int MaxUrlDataBytes = 512;

    /// <summary>After the connection id.</summary>
    private const int ActionOffset = sizeof(ulong);

    private readonly ConnectionIds connections = new(connectionKey);

    /// <summary>The patterns of datagrams that <see cref="UdpServerCodec.TryReadRequest"/> accepts.</summary>
    public static IReadOnlyList<DatagramPattern> RequestPatterns { get; } =
    [
        new(
            UdpClientCodec.ConnectBytes,
            new DatagramWord(0, (uint)(UdpClientCodec.ProtocolId >> 32)),
            new DatagramWord(4, (uint)(UdpClientCodec.ProtocolId & uint.MaxValue)),
            ActionIs(UdpAction.Connect)
        ),
        new(UdpClientCodec.AnnounceBytes, ActionIs(UdpAction.Announce)),
        new(UdpClientCodec.ScrapeHeaderBytes + Hash20.Length, ActionIs(UdpAction.Scrape)),
    ];

    public IReadOnlyList<DatagramPattern> Patterns => RequestPatterns;

    public void Handle(in DatagramBatch received, ReplyBatch replies)
    {
        var began = core.Timestamp();
        var batch = new Batch(core.TimeAt(began), core.Statistics.Current);
        Span<int> slots = stackalloc int[TrackerLimits.PrefetchBatch];
        for (var i = 0; i < received.Count; i++)
        {
            if (i % TrackerLimits.PrefetchBatch == 0)
            {
                Prefetch(received, i, slots);
            }
            var from = received.From(i);
            var length = UdpServerCodec.TryReadRequest(received.Payload(i), out var request)
                ? Answer(request, from, slots[i % TrackerLimits.PrefetchBatch], ref batch, replies)
                : 0;
            if (length > 0)
            {
                replies.Commit(length, from);
            }
            else
            {
                batch.Count(RequestOutcome.Dropped);
            }
        }
        batch.RecordLatencies(core.ElapsedSince(began));
    }

    private static DatagramWord ActionIs(UdpAction action) => new(ActionOffset, (uint)action);

    /// <summary>Prefetches the swarms of the next announces.</summary>
    private void Prefetch(in DatagramBatch received, int from, Span<int> slots)
    {
        Span<Hash20> swarms = stackalloc Hash20[TrackerLimits.PrefetchBatch];
        Span<int> found = stackalloc int[TrackerLimits.PrefetchBatch];
        Span<int> requesters = stackalloc int[TrackerLimits.PrefetchBatch];
        var (end, count) = (Math.Min(received.Count, from + TrackerLimits.PrefetchBatch), 0);
        for (var i = from; i < end; i++)
        {
            if (UdpServerCodec.TryPeekSwarm(received.Payload(i), out swarms[count]))
            {
                requesters[count++] = i - from;
            }
        }
        core.Swarms.Prefetch(swarms[..count], found);
        for (var i = 0; i < count; i++)
        {
            slots[requesters[i]] = found[i];
        }
    }

    private int Answer(in UdpRequest request, in Endpoint from, int hint, ref Batch batch, ReplyBatch replies)
    {
        if (request.Action == UdpAction.Connect)
        {
            batch.Count(RequestOutcome.Connected);
            return UdpServerCodec.WriteConnect(
                replies.Next(),
                request.Transaction,
                connections.Issue(from, batch.Now.Second)
            );
        }
        // A valid connection id proves that the client receives packets at its address (BEP 15).
        if (!connections.IsValid(request.Connection, from, batch.Now.Second))
        {
            return 0;
        }
        var isAnnounce = request.Action == UdpAction.Announce;
        batch.Announces += isAnnounce ? 1 : 0;
        batch.Scrapes += isAnnounce ? 0 : 1;
        var reply = replies.Next();
        if (!core.TryCharge(from, batch.Now))
        {
            return WriteFailure(request, RequestOutcome.Limited, batch, reply);
        }
        if (core.Tokens.AreRequired && !HasToken(request))
        {
            return WriteFailure(request, RequestOutcome.NoToken, batch, reply);
        }
        return isAnnounce ? Announce(request, from, hint, batch, reply) : Scrape(request, batch, reply);
    }

    /// <summary>A scrape cannot contain a token: BEP 41 defines options for announces only.</summary>
    private bool HasToken(in UdpRequest request)
    {
        Span<byte> urlData = stackalloc byte[MaxUrlDataBytes];
        return request.Action == UdpAction.Announce
            && UdpServerCodec.TryReadUrlData(request, urlData, out var length)
            && core.Tokens.Contains(AccessToken.FromUrlData(urlData[..length]));
    }

    private static int WriteFailure(in UdpRequest request, RequestOutcome outcome, in Batch batch, Span<byte> reply)
    {
        batch.Count(outcome);
        var reason = FailureReasons.For(outcome);
        // A scrape of one torrent is shorter than some reasons, and no error may be longer than its request.
        var maxBytes = UdpServerCodec.HeadBytes + request.Body.Length - UdpServerCodec.ErrorHeaderBytes;
        return UdpServerCodec.WriteError(reply, request.Transaction, reason[..Math.Min(reason.Length, maxBytes)]);
    }

    private int Announce(in UdpRequest request, in Endpoint from, int hint, in Batch batch, Span<byte> reply)
    {
        if (!UdpServerCodec.TryReadAnnounce(request, out var query, out var fault))
        {
            batch.Count(RequestOutcome.Refused);
            Span<byte> reason = stackalloc byte[UdpClientCodec.AnnounceBytes - UdpServerCodec.ErrorHeaderBytes];
            return UdpServerCodec.WriteError(reply, request.Transaction, reason[..FailureReasons.Write(fault, reason)]);
        }
        // The address family of the packet determines the format of the peers (BEP 15, IPv6).
        var peers = reply[UdpServerCodec.AnnounceHeaderBytes..];
        var buffers = new ReplyBuffers { V4 = from.IsV4 ? peers : [], V6 = from.IsV4 ? [] : peers };
        var result = core.Announce(query, from, hint, TrackerProtocol.Udp, batch.Counters, batch.Now, ref buffers);
        if (result.Outcome != RequestOutcome.Announced)
        {
            return UdpServerCodec.WriteError(reply, request.Transaction, FailureReasons.For(result.Outcome));
        }
        var header = UdpServerCodec.WriteAnnounceHeader(
            reply,
            request.Transaction,
            result.IntervalSeconds,
            result.Totals.Leechers,
            result.Totals.Seeds
        );
        return header + (6 * buffers.V4Count) + (18 * buffers.V6Count);
    }

    /// <summary>
    /// The buffers for hashes and counts are not cleared: everything read from them is written first.
    /// </summary>
    [SkipLocalsInit]
    private int Scrape(in UdpRequest request, in Batch batch, Span<byte> reply)
    {
        var length = UdpServerCodec.WriteScrapeHeader(reply, request.Transaction);
        Span<Hash20> swarms = stackalloc Hash20[TrackerProtocolLimits.MaxUdpScrapeHashes];
        swarms = swarms[..UdpServerCodec.ScrapeHashCount(request)];
        for (var i = 0; i < swarms.Length; i++)
        {
            swarms[i] = UdpServerCodec.ScrapeHashAt(request, i);
        }
        Span<ScrapeCounts> counts = stackalloc ScrapeCounts[TrackerProtocolLimits.MaxUdpScrapeHashes];
        Span<bool> known = stackalloc bool[TrackerProtocolLimits.MaxUdpScrapeHashes];
        core.Swarms.Scrape(swarms, batch.Now, counts, known);
        // BEP 15 cannot report an unknown swarm, so its counts are 0.
        foreach (ref readonly var swarm in counts[..swarms.Length])
        {
            length += UdpServerCodec.WriteScrapeFile(reply[length..], swarm);
        }
        batch.Count(RequestOutcome.Scraped);
        return length;
    }

    /// <summary>
    /// The state shared by the datagrams of a batch, and the number of announces and scrapes among them.
    /// </summary>
    private ref struct Batch(TrackerTime now, RequestCounters counters)
    {
        public readonly TrackerTime Now = now;
        public readonly RequestCounters Counters = counters;
        public int Announces;
        public int Scrapes;

        public readonly void Count(RequestOutcome outcome) => Counters.Count(TrackerProtocol.Udp, outcome);

        public readonly void RecordLatencies(TimeSpan elapsed)
        {
            Counters.RecordLatency(TrackerProtocol.Udp, RequestKind.Announce, elapsed, Announces);
            Counters.RecordLatency(TrackerProtocol.Udp, RequestKind.Scrape, elapsed, Scrapes);
        }
    }
}
