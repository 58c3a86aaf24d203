using System.Buffers.Binary;
using System.Text;
using Anatomic.Federation;
using Anatomic.Federation.Nodes;
using Anatomic.Federation.Supernodes;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// A sequence of requests to a node (first byte even) or a supernode. Each has a sender, <c>METHOD target</c> up to a
/// line feed, the length of the body in two bytes, and the body. Outgoing requests are answered with the last body. No
/// request may cause an exception.
/// </summary>
internal sealed class FederationTarget : IFuzzTarget
{
    public string Name => "federation";

    // Every input creates a whole service with its tables.
    public int AllocationPerByte => 4096;

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. new[]
        {
            "POST /plant\n",
            "POST /unplant\n",
            "POST /orders\n",
            "POST /peers\n",
            "POST /record\n",
            "POST /exchange\n",
            "POST /receipts\n",
            "POST /submit\n",
            "GET /plants?since=9223372036854775807&epoch=1&nonce=00\n",
            "GET /records?after=",
            "GET /lookup?h=",
            "GET /place?h=",
            "GET /announce?info_hash=",
            "GET /scrape?info_hash=",
            "&hop=1",
            "%00",
            "%ff",
            "http%3A%2F%2Fhost%2F",
            "http://[::1%25]/",
            "i9223372036854775807e",
            "i-1e",
            "le",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    public void Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }
        var calls = CallsOf(input).ToArray();
        var world = new FrozenWorld(calls.Length > 0 ? calls[^1].Body : default);
        IRequestHandler handler = (input[0] & 1) == 0 ? Node(world) : Supernode(world);
        foreach (var call in calls)
        {
            var reply = handler.HandleAsync(call, CancellationToken.None);
            // A response that waits for time never completes here; it only must not fail.
            if (reply.IsCompleted)
            {
                var status = reply.AsTask().GetAwaiter().GetResult().Status;
                Invariant.Holds(status is >= 200 and < 600 and not 500);
            }
        }
        if (handler is NodeService { Running: { IsFaulted: true } running })
        {
            running.GetAwaiter().GetResult();
        }
    }

    private static IEnumerable<InboundRequest> CallsOf(byte[] input)
    {
        for (var at = 1; at < input.Length; )
        {
            var from = FuzzedTracker.ClientAddress(input[at++]);
            var end = Array.IndexOf(input, (byte)'\n', at);
            if (end < 0 || end + 3 > input.Length)
            {
                yield break;
            }
            var line = Encoding.Latin1.GetString(input, at, end - at).Split(' ', 2);
            var length = BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(end + 1));
            var body = input.AsMemory(end + 3, Math.Min(length, input.Length - end - 3));
            at = end + 3 + body.Length;
            yield return new InboundRequest
            {
                Method = line[0],
                Target = line.Length > 1 ? line[1] : "/",
                Body = body,
                From = from,
            };
        }
    }

    private static NodeService Node(FrozenWorld world)
    {
        var options = new NodeOptions
        {
            Network = new NetworkOptions { Name = NetworkName.LocalDefault },
            PublicUrls = [new Uri("http://10.1.2.3:7070/")],
            HttpPort = 7070,
            Key = world.CreateKey(),
            MaxPlants = 16,
        };
        return NodeService.OpenAsync(world, world, options, new NoSwarms(), null, default).GetAwaiter().GetResult();
    }

    private static SupernodeService Supernode(FrozenWorld world)
    {
        var options = new SupernodeOptions { Network = "local-default", PublicUrl = new Uri("http://10.1.2.4:7070/") };
        return SupernodeService.OpenAsync(world, options, default).GetAwaiter().GetResult();
    }

    private sealed class NoSwarms : ITrackedSwarms
    {
        public void Admit(Hash20 swarm) { }

        public void Withdraw(Hash20 swarm) { }

        public int DrainChanges(Span<SwarmChange> into) => 0;

        public int Snapshot(Hash20 swarm, Span<SwarmPeer> into) => 0;

        public SwarmTotals Totals(Hash20 swarm) => default;

        public DateTimeOffset LastAnnounce(Hash20 swarm) => DateTimeOffset.MinValue;

        public void AddShared(
            Hash20 swarm,
            Hash32 partner,
            ReadOnlySpan<SwarmPeer> peers,
            ReadOnlySpan<Endpoint> gone,
            SwarmTotals totals
        ) { }

        public void ForgetShared(Hash20 swarm, Hash32 partner) { }
    }
}
