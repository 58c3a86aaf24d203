using System.Net;
using System.Text;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>What a <see cref="ScriptedTracker"/> does wrong.</summary>
public enum TrackerFault
{
    None,

    /// <summary>It answers every announce with the failure "not planted".</summary>
    NotPlanted,

    /// <summary>It answers HTTP with status 500, and UDP not at all.</summary>
    Broken,

    /// <summary>It answers HTTP as <see cref="ScriptedTracker.Rejection"/> says, and UDP with an error.</summary>
    Rejecting,
}

/// <summary>How a <see cref="ScriptedTracker"/> rejects announces over HTTP.</summary>
public sealed record Rejection
{
    public int Status { get; init; } = 200;

    /// <summary>The header Retry-After; null: none.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>The bencoded body; it should have a failure reason.</summary>
    public byte[] Body { get; init; } = [];
}

/// <summary>An announce that a <see cref="ScriptedTracker"/> received.</summary>
/// <param name="At">Simulated time since the start.</param>
/// <param name="Swarm">The swarm's info-hash.</param>
/// <param name="Peer">The peer's address, with the port it listens on.</param>
/// <param name="Event">The event of BEP 3.</param>
/// <param name="IsSeed">Whether the peer reported that nothing is left.</param>
public sealed record RecordedAnnounce(TimeSpan At, Hash20 Swarm, Endpoint Peer, AnnounceEvent Event, bool IsSeed);

/// <summary>A tracker that behaves as the scenario sets it, and records every announce.</summary>
public sealed class ScriptedTracker(Simulator simulator, SimulatedHost host) : IRequestHandler, IDatagramHandler
{
    private const int Port = 80;
    private readonly List<RecordedAnnounce> announces = [];
    private readonly List<TimeSpan> datagrams = [];

    public SimulatedHost Host => host;
    public TrackerFault Fault { get; set; }

    /// <summary>How announces are rejected while the fault is <see cref="TrackerFault.Rejecting"/>.</summary>
    public Rejection Rejection { get; set; } = new();

    /// <summary>The interval of every response, in seconds.</summary>
    public int IntervalSeconds { get; set; } = 60;

    /// <summary>The minimum interval of responses over HTTP, in seconds; null: none.</summary>
    public int? MinIntervalSeconds { get; set; } = 15;
    public IReadOnlyList<RecordedAnnounce> Announces => announces;

    /// <summary>Times at which datagrams arrived, including those that were not answered.</summary>
    public IReadOnlyList<TimeSpan> Datagrams => datagrams;

    /// <summary>The addresses from which datagrams came.</summary>
    public ISet<Endpoint> Senders { get; } = new HashSet<Endpoint>();

    /// <summary>Number of following datagrams to ignore, as if they were lost.</summary>
    public int DatagramsToIgnore { get; set; }

    /// <summary>Delay of responses over HTTP.</summary>
    public TimeSpan Delay { get; set; }

    public string Url => $"http://{Authority}/announce";
    public string UdpUrl => $"udp://{Authority}/announce";

    private string Authority => Endpoint.From(host.Addresses[0], Port).ToString();

    public Task StartAsync() => StartAsync([host.Addresses[0]]);

    public Task StartAsync(IEnumerable<IPAddress> addresses) =>
        host.RunAsync(async world =>
        {
            foreach (var address in addresses)
            {
                var at = Endpoint.From(address, Port);
                world.Network.ServeDatagrams(at, this);
                await world.Network.ServeHttpAsync(
                    new HttpServerOptions { At = at, Handler = this },
                    CancellationToken.None
                );
            }
        });

    /// <summary>The events of one client in one swarm, in order; announces without an event are left out.</summary>
    public IReadOnlyList<AnnounceEvent> EventsOf(SimulatedHost client, Hash20 swarm) =>
        [
            .. announces
                .Where(one => one.Swarm == swarm && one.Event != AnnounceEvent.None)
                .Where(one => client.Addresses.Contains(one.Peer.ToAddress()))
                .Select(one => one.Event),
        ];

    /// <summary>
    /// Null, or a message that names the first announce without an event that came earlier after the one before than
    /// <paramref name="shortest"/>, of the same peer in the same swarm.
    /// </summary>
    public string? FindEarlyAnnounce(TimeSpan shortest)
    {
        // The clock of a host may run a little fast or slow, and messages take different times.
        var tolerance = TimeSpan.FromSeconds(1);
        foreach (var group in announces.GroupBy(one => (one.Swarm, one.Peer)))
        {
            var before = group.First();
            foreach (var one in group.Skip(1))
            {
                if (one.Event is AnnounceEvent.None && one.At - before.At < shortest - tolerance)
                {
                    return $"{one.Peer} announced {one.Swarm} at {one.At}, after {before.At}";
                }
                before = one;
            }
        }
        return null;
    }

    public async ValueTask<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop)
    {
        var reply = Reply(request);
        await Task.Delay(Delay, host.World.Clock, stop);
        return reply;
    }

    private HttpResponse Reply(InboundRequest request)
    {
        if (Fault == TrackerFault.Broken)
        {
            return HttpResponse.Of(500, "text/plain", "broken"u8.ToArray());
        }
        Invariant.Holds(AnnounceQuery.TryReadHttp(Encoding.ASCII.GetBytes(request.Query), out var query, out _));
        var peers = RecordAnnounce(query, request.From);
        return Fault switch
        {
            TrackerFault.NotPlanted => HttpResponse.Of(
                200,
                "text/plain",
                "d14:failure reason11:not plantede"u8.ToArray()
            ),
            TrackerFault.Rejecting => Reject(),
            _ => HttpResponse.Of(200, "text/plain", Answer(peers)),
        };
    }

    private HttpResponse Reject()
    {
        var response = HttpResponse.Of(Rejection.Status, "text/plain", Rejection.Body);
        return Rejection.RetryAfter is { } value
            ? response with
            {
                Headers = new Dictionary<string, string> { ["retry-after"] = value },
            }
            : response;
    }

    private byte[] Answer(List<Endpoint> peers)
    {
        var writer = new BencodeWriter().BeginDictionary().Key("interval"u8).Integer(IntervalSeconds);
        if (MinIntervalSeconds is { } min)
        {
            writer.Key("min interval"u8).Integer(min);
        }
        writer.Key("peers"u8).Bytes(Compact(peers.Where(peer => peer.IsV4)));
        writer.Key("peers6"u8).Bytes(Compact(peers.Where(peer => !peer.IsV4)));
        return writer.End().ToArray();
    }

    public void Handle(in DatagramBatch received, ReplyBatch replies)
    {
        for (var i = 0; i < received.Count; i++)
        {
            datagrams.Add(simulator.Now);
            Senders.Add(received.From(i));
            if (Fault == TrackerFault.Broken || (DatagramsToIgnore > 0 && DatagramsToIgnore-- > 0))
            {
                continue;
            }
            Invariant.Holds(UdpServerCodec.TryReadRequest(received.Payload(i), out var request));
            replies.Commit(Answer(request, received.From(i), replies.Next()), received.From(i));
        }
    }

    private int Answer(in UdpRequest request, Endpoint from, Span<byte> into)
    {
        const ulong connection = 7;
        if (request.Action == UdpAction.Connect)
        {
            return UdpServerCodec.WriteConnect(into, request.Transaction, connection);
        }
        Invariant.Holds(request.Connection == connection);
        Invariant.Holds(UdpServerCodec.TryReadAnnounce(request, out var query, out _));
        var peers = Compact(RecordAnnounce(query, from).Where(peer => peer.IsV4 == from.IsV4));
        if (Fault is TrackerFault.NotPlanted or TrackerFault.Rejecting)
        {
            return UdpServerCodec.WriteError(into, request.Transaction, "not planted"u8);
        }
        var length = UdpServerCodec.WriteAnnounceHeader(into, request.Transaction, IntervalSeconds, 0, 0);
        peers.CopyTo(into[length..]);
        return length + peers.Length;
    }

    /// <summary>Records the announce; returns the other peers of the swarm, newest first.</summary>
    private List<Endpoint> RecordAnnounce(in AnnounceQuery query, Endpoint from)
    {
        var peer = from.WithPort(query.Port);
        announces.Add(new RecordedAnnounce(simulator.Now, query.Swarm, peer, query.Event, query.IsSeed));
        var swarm = query.Swarm;
        List<Endpoint> seen = [];
        HashSet<Endpoint> gone = [peer];
        foreach (var one in announces.Where(one => one.Swarm == swarm).Reverse())
        {
            if (gone.Add(one.Peer) && one.Event != AnnounceEvent.Stopped)
            {
                seen.Add(one.Peer);
            }
        }
        return seen;
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
