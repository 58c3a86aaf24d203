using System.Buffers.Binary;
using System.Text;
using Anatomic.Simulation.Networks;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>
/// Checks every peer batch between nodes: a node may pass on only peers that announced to that node itself.
/// </summary>
public sealed class PeerSharingChecker : ITrafficWatcher
{
    private readonly HashSet<(string Node, Hash20 Swarm, Endpoint Peer)> announced = [];
    private readonly Dictionary<Endpoint, SimulatedHost> hosts = [];

    /// <summary>Number of peers passed on so far.</summary>
    public int Shared { get; private set; }

    /// <summary>The first violation, or null.</summary>
    public string? Violation { get; private set; }

    /// <summary>Installs the checker in a simulator, as an invariant.</summary>
    public static PeerSharingChecker Install(Simulator simulator)
    {
        var checker = new PeerSharingChecker();
        simulator.Internet.Watcher = checker;
        simulator.AddInvariant("nodes pass on only peers that announced to them", () => checker.Violation);
        return checker;
    }

    /// <summary>Adds a host, so that its batches are recognized by their source address.</summary>
    public void Add(SimulatedHost host)
    {
        foreach (var address in host.Addresses)
        {
            hosts[Endpoint.From(address, 0)] = host;
        }
    }

    public void OnRequest(INetworkHost host, OutboundRequest request, Endpoint from)
    {
        switch (request.Url.AbsolutePath)
        {
            case "/announce":
                RecordAnnounce(host, request.Url.Query, from);
                break;
            case "/peers":
                CheckBatch(request.Body, from);
                break;
        }
    }

    public void OnDatagram(INetworkHost host, ReadOnlyMemory<byte> datagram, Endpoint from)
    {
        var bytes = datagram.Span;
        if (
            bytes.Length >= UdpClientCodec.AnnounceBytes
            && BinaryPrimitives.ReadInt32BigEndian(bytes[8..]) == (int)UdpAction.Announce
        )
        {
            var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[96..]);
            announced.Add((host.Name, new Hash20(bytes.Slice(16, Hash20.Length)), from.WithPort(port)));
        }
    }

    private void RecordAnnounce(INetworkHost host, string query, Endpoint from)
    {
        var port = 0;
        Hash20? swarm = null;
        foreach (var part in query.TrimStart('?').Split('&'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            switch (equals < 0 ? part : part[..equals])
            {
                case "info_hash":
                    swarm = new Hash20(Unescape(part[(equals + 1)..]));
                    break;
                case "port":
                    port = int.Parse(part[(equals + 1)..]);
                    break;
            }
        }
        if (swarm is { } known)
        {
            announced.Add((host.Name, known, from.WithPort(port)));
        }
    }

    private void CheckBatch(ReadOnlyMemory<byte> body, Endpoint from)
    {
        if (
            !hosts.TryGetValue(from.WithPort(0), out var sender)
            || !PeersRequest.TryRead(body, out var post, out _)
            || !PeerBatch.TryRead(post.Batch.Value, out var batch, out _)
        )
        {
            return;
        }
        foreach (var share in batch.Shares)
        {
            foreach (var peer in share.Peers)
            {
                Shared++;
                if (!announced.Contains((sender.Name, share.Swarm, peer.Address)))
                {
                    Violation ??= $"{sender.Name} passed on {peer.Address}, which never announced to it";
                }
            }
        }
    }

    private static byte[] Unescape(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                bytes.AddRange(Convert.FromHexString(text.AsSpan(i + 1, 2)));
                i += 2;
            }
            else
            {
                bytes.AddRange(Encoding.Latin1.GetBytes(text[i..(i + 1)]));
            }
        }
        return [.. bytes];
    }
}
