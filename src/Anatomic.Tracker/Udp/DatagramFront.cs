using System.Runtime.CompilerServices;
using Anatomic.Tracker.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Tracker.Udp;

/// <summary>Answers BEP 15. What is malformed or has no valid connection id is dropped: a reply could hit somebody else.</summary>
internal sealed class DatagramFront(TrackerCore core, ReadOnlySpan<byte> connectionKey) : IDatagramHandler
{
    /// <summary>A path with a token and a query of other words; more than it is no URL of this tracker.</summary>
    private const int MaxUrlDataRead = 512;

    /// <summary>Behind the connection id.</summary>
    private const int ActionOffset = sizeof(ulong);

    private readonly ConnectionIds connections = new(connectionKey);

    /// <summary>The forms of what <see cref="UdpAnswers.TryReadRequest"/> takes for a request.</summary>
    public static IReadOnlyList<DatagramForm> RequestForms { get; } =
    [
        new(
            UdpRequests.ConnectBytes,
            new DatagramWord(0, (uint)(UdpRequests.ProtocolId >> 32)),
            new DatagramWord(4, (uint)(UdpRequests.ProtocolId & uint.MaxValue)),
            Asks(UdpAction.Connect)
        ),
        new(UdpRequests.AnnounceBytes, Asks(UdpAction.Announce)),
        new(UdpRequests.ScrapeHeaderBytes + Hash20.Length, Asks(UdpAction.Scrape)),
    ];

    public IReadOnlyList<DatagramForm> Forms => RequestForms;

    public void Handle(in DatagramBatch received, ReplyBatch replies)
    {
        var began = core.Timestamp();
        var batch = new Batch(core.At(began), core.Statistics.Mine);
        Span<int> slots = stackalloc int[TrackerBounds.Approached];
        for (var i = 0; i < received.Count; i++)
        {
            if (i % TrackerBounds.Approached == 0)
            {
                Approach(received, i, slots);
            }
            var from = received.From(i);
            var length = UdpAnswers.TryReadRequest(received.Payload(i), out var request)
                ? Answer(request, from, slots[i % TrackerBounds.Approached], ref batch, replies)
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
        batch.Note(core.Since(began));
    }

    private static DatagramWord Asks(UdpAction action) => new(ActionOffset, (uint)action);

    /// <summary>What announces ask for is fetched from memory, for several of them at a time.</summary>
    private void Approach(in DatagramBatch received, int from, Span<int> slots)
    {
        Span<Hash20> swarms = stackalloc Hash20[TrackerBounds.Approached];
        Span<int> found = stackalloc int[TrackerBounds.Approached];
        Span<int> askers = stackalloc int[TrackerBounds.Approached];
        var (end, count) = (Math.Min(received.Count, from + TrackerBounds.Approached), 0);
        for (var i = from; i < end; i++)
        {
            if (UdpAnswers.TryPeekSwarm(received.Payload(i), out swarms[count]))
            {
                askers[count++] = i - from;
            }
        }
        core.Swarms.Approach(swarms[..count], found);
        for (var i = 0; i < count; i++)
        {
            slots[askers[i]] = found[i];
        }
    }

    private int Answer(in UdpRequest request, in Endpoint from, int hint, ref Batch batch, ReplyBatch replies)
    {
        if (request.Action == UdpAction.Connect)
        {
            batch.Count(RequestOutcome.Connected);
            return UdpAnswers.WriteConnect(
                replies.Next(),
                request.Transaction,
                connections.Issue(from, batch.Now.Second)
            );
        }
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
            return Refuse(request, RequestOutcome.Limited, batch, reply);
        }
        if (core.Tokens.AreWanted && !HasToken(request))
        {
            return Refuse(request, RequestOutcome.NoToken, batch, reply);
        }
        return isAnnounce ? Announce(request, from, hint, batch, reply) : Scrape(request, batch, reply);
    }

    /// <summary>A scrape has no room for one: BEP 41 gives options to announces only.</summary>
    private bool HasToken(in UdpRequest request)
    {
        Span<byte> urlData = stackalloc byte[MaxUrlDataRead];
        return request.Action == UdpAction.Announce
            && UdpAnswers.TryReadUrlData(request, urlData, out var length)
            && core.Tokens.Has(TokenQuery.OfUrlData(urlData[..length]));
    }

    private static int Refuse(in UdpRequest request, RequestOutcome outcome, in Batch batch, Span<byte> reply)
    {
        batch.Count(outcome);
        var words = Refusals.Of(outcome);
        // A scrape of one torrent is shorter than some of the words, and no error is longer than what it answers.
        var room = UdpAnswers.HeadBytes + request.Body.Length - UdpAnswers.ErrorHeaderBytes;
        return UdpAnswers.WriteError(reply, request.Transaction, words[..Math.Min(words.Length, room)]);
    }

    private int Announce(in UdpRequest request, in Endpoint from, int hint, in Batch batch, Span<byte> reply)
    {
        if (!UdpAnswers.TryReadAnnounce(request, out var query, out var fault))
        {
            batch.Count(RequestOutcome.Refused);
            Span<byte> words = stackalloc byte[UdpRequests.AnnounceBytes - UdpAnswers.ErrorHeaderBytes];
            return UdpAnswers.WriteError(reply, request.Transaction, words[..Refusals.Write(fault, words)]);
        }
        // The family of the packet decides the form of the peers (BEP 15, IPv6).
        var peers = reply[UdpAnswers.AnnounceHeaderBytes..];
        var room = new ReplyRoom { V4 = from.IsV4 ? peers : [], V6 = from.IsV4 ? [] : peers };
        var result = core.Announce(query, from, hint, TrackerProtocol.Udp, batch.Tally, batch.Now, ref room);
        if (result.Outcome != RequestOutcome.Announced)
        {
            return UdpAnswers.WriteError(reply, request.Transaction, Refusals.Of(result.Outcome));
        }
        var header = UdpAnswers.WriteAnnounceHeader(
            reply,
            request.Transaction,
            result.IntervalSeconds,
            result.Totals.Leeches,
            result.Totals.Seeds
        );
        return header + (6 * room.V4Count) + (18 * room.V6Count);
    }

    /// <summary>The room for hashes and counts is not cleared first: what is read of it has been written.</summary>
    [SkipLocalsInit]
    private int Scrape(in UdpRequest request, in Batch batch, Span<byte> reply)
    {
        var length = UdpAnswers.WriteScrapeHeader(reply, request.Transaction);
        Span<Hash20> swarms = stackalloc Hash20[TrackerLimits.MaxUdpScrapeHashes];
        swarms = swarms[..UdpAnswers.CountOfScrape(request)];
        for (var i = 0; i < swarms.Length; i++)
        {
            swarms[i] = UdpAnswers.HashOfScrape(request, i);
        }
        Span<ScrapeCounts> counts = stackalloc ScrapeCounts[TrackerLimits.MaxUdpScrapeHashes];
        Span<bool> known = stackalloc bool[TrackerLimits.MaxUdpScrapeHashes];
        core.Swarms.Scrape(swarms, batch.Now, counts, known);
        // A swarm that is not known has no peers: BEP 15 has no other way to say it.
        foreach (ref readonly var swarm in counts[..swarms.Length])
        {
            length += UdpAnswers.WriteScrapeFile(reply[length..], swarm);
        }
        batch.Count(RequestOutcome.Scraped);
        return length;
    }

    /// <summary>What the datagrams that came together share, and how many of them were of which kind.</summary>
    private ref struct Batch(Moment now, RequestTally tally)
    {
        public readonly Moment Now = now;
        public readonly RequestTally Tally = tally;
        public int Announces;
        public int Scrapes;

        public readonly void Count(RequestOutcome outcome) => Tally.Count(TrackerProtocol.Udp, outcome);

        public readonly void Note(TimeSpan elapsed)
        {
            Tally.Took(TrackerProtocol.Udp, RequestKind.Announce, elapsed, Announces);
            Tally.Took(TrackerProtocol.Udp, RequestKind.Scrape, elapsed, Scrapes);
        }
    }
}
