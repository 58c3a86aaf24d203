using System.Text;
using Anatomic.Wire;
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
    private const int IntervalSeconds = 60;
    private readonly List<RecordedAnnounce> announces = [];
    private readonly List<TimeSpan> datagrams = [];

    public SimulatedHost Host => host;
    public TrackerFault Fault { get; set; }
    public IReadOnlyList<RecordedAnnounce> Announces => announces;

    /// <summary>Times at which datagrams arrived, including those that were not answered.</summary>
    public IReadOnlyList<TimeSpan> Datagrams => datagrams;

    /// <summary>Number of following datagrams to ignore, as if they were lost.</summary>
    public int DatagramsToIgnore { get; set; }

    /// <summary>Delay of responses over HTTP.</summary>
    public TimeSpan Delay { get; set; }

    public string Url => $"http://{Authority}/announce";
    public string UdpUrl => $"udp://{Authority}/announce";

    private string Authority => Endpoint.From(host.Addresses[0], Port).ToString();

    public Task StartAsync() =>
        host.RunAsync(async world =>
        {
            var at = Endpoint.From(host.Addresses[0], Port);
            world.Network.ServeDatagrams(at, this);
            await world.Network.ServeHttpAsync(
                new HttpServerOptions { At = at, Handler = this },
                CancellationToken.None
            );
        });

    /// <summary>The events of one client in one swarm, in order; announces without an event are left out.</summary>
    public IReadOnlyList<AnnounceEvent> EventsOf(SimulatedHost client, Hash20 swarm) =>
        [
            .. announces
                .Where(one => one.Swarm == swarm && one.Event != AnnounceEvent.None)
                .Where(one => client.Addresses.Contains(one.Peer.ToAddress()))
                .Select(one => one.Event),
        ];

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
        var body = new byte[64 * 1024];
        if (Fault == TrackerFault.NotPlanted)
        {
            RecordAnnounce(query, request.From);
            var failureLength = HttpServerCodec.WriteFailure(body, "not planted"u8, retryMinutes: 0);
            return HttpResponse.Of(200, "text/plain", body.AsMemory(0, failureLength));
        }
        var peers = RecordAnnounce(query, request.From);
        var answer = new AnnounceResponseData
        {
            IntervalSeconds = IntervalSeconds,
            MinIntervalSeconds = IntervalSeconds / 4,
            Complete = 0,
            Incomplete = 0,
            ClientAddress = request.From,
            PeersV4 = Compact(peers.Where(peer => peer.IsV4)),
            PeersV6 = Compact(peers.Where(peer => !peer.IsV4)),
            Compact = true,
        };
        var length = HttpServerCodec.WriteAnnounce(body, answer);
        return HttpResponse.Of(200, "text/plain", body.AsMemory(0, length));
    }

    public void Handle(in DatagramBatch received, ReplyBatch replies)
    {
        for (var i = 0; i < received.Count; i++)
        {
            datagrams.Add(simulator.Now);
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
        if (Fault == TrackerFault.NotPlanted)
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
