using Anatomic.Tracker.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Tracker.Udp;

/// <summary>Answers BEP 15. What is malformed or has no valid connection id is dropped: a reply could hit somebody else.</summary>
internal sealed class DatagramFront(TrackerCore core, ReadOnlySpan<byte> connectionKey) : IDatagramHandler
{
    private readonly ConnectionIds connections = new(connectionKey);

    public void Handle(in DatagramBatch received, ReplyBatch replies)
    {
        var now = core.Now();
        for (var i = 0; i < received.Count; i++)
        {
            var from = received.From(i);
            var length = UdpAnswers.TryReadRequest(received.Payload(i), out var request)
                ? Answer(request, from, now, replies)
                : 0;
            if (length > 0)
            {
                replies.Commit(length, from);
            }
            else
            {
                core.Counters.Count(TrackerProtocol.Udp, RequestOutcome.Dropped);
            }
        }
    }

    private int Answer(in UdpRequest request, in Endpoint from, in Moment now, ReplyBatch replies)
    {
        if (request.Action == UdpAction.Connect)
        {
            core.Counters.Count(TrackerProtocol.Udp, RequestOutcome.Connected);
            return UdpAnswers.WriteConnect(replies.Next(), request.Transaction, connections.Issue(from, now.Second));
        }
        if (!connections.IsValid(request.Connection, from, now.Second))
        {
            return 0;
        }
        return request.Action == UdpAction.Announce
            ? Announce(request, from, now, replies.Next())
            : Scrape(request, now, replies.Next());
    }

    private int Announce(in UdpRequest request, in Endpoint from, in Moment now, Span<byte> reply)
    {
        if (!UdpAnswers.TryReadAnnounce(request, out var query, out var fault))
        {
            core.Counters.Count(TrackerProtocol.Udp, RequestOutcome.Refused);
            Span<byte> words = stackalloc byte[UdpRequests.AnnounceBytes - UdpAnswers.ErrorHeaderBytes];
            return UdpAnswers.WriteError(reply, request.Transaction, words[..Refusals.Write(fault, words)]);
        }
        // The family of the packet decides the form of the peers (BEP 15, IPv6).
        var peers = reply[UdpAnswers.AnnounceHeaderBytes..];
        var room = new ReplyRoom { V4 = from.IsV4 ? peers : [], V6 = from.IsV4 ? [] : peers };
        var result = core.Announce(query, from, TrackerProtocol.Udp, now, ref room);
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

    private int Scrape(in UdpRequest request, in Moment now, Span<byte> reply)
    {
        var length = UdpAnswers.WriteScrapeHeader(reply, request.Transaction);
        for (var i = 0; i < UdpAnswers.CountOfScrape(request); i++)
        {
            var swarm = UdpAnswers.HashOfScrape(request, i);
            // A swarm that is not known has no peers: BEP 15 has no other way to say it.
            core.Swarms[swarm].TryScrape(swarm, now, out var counts);
            length += UdpAnswers.WriteScrapeFile(reply[length..], counts);
        }
        core.Counters.Count(TrackerProtocol.Udp, RequestOutcome.Scraped);
        return length;
    }
}
