using System.Buffers.Binary;
using System.Text;
using Anatomic.Simulation.Networks;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>
/// Watches every announce and every batch between nodes: a node may pass on only peers that announced to itself.
/// </summary>
public sealed class PeerSharingChecker : ITrafficWatcher
{
    private readonly HashSet<(string Node, Hash20 Swarm, Endpoint Peer)> announced = [];
    private readonly Dictionary<Endpoint, SimulatedHost> hosts = [];

    /// <summary>Peers passed on so far.</summary>
    public int Shared { get; private set; }

    /// <summary>The first violation; null: none.</summary>
    public string? Violation { get; private set; }

    public static PeerSharingChecker Watch(Simulator simulator)
    {
        var checker = new PeerSharingChecker();
        simulator.Internet.Watcher = checker;
        simulator.AddInvariant("peers are passed on first-hand only", () => checker.Violation);
        return checker;
    }

    /// <summary>The host speaks from these addresses.</summary>
    public void Know(SimulatedHost host)
    {
        foreach (var address in host.Addresses)
        {
            hosts[Endpoint.From(address, 0)] = host;
        }
    }

    public void OnRequest(SimulatedHost at, OutboundRequest ask, Endpoint from)
    {
        switch (ask.Url.AbsolutePath)
        {
            case "/announce":
                NoteAnnounce(at, ask.Url.Query, from);
                break;
            case "/peers":
                CheckBatch(ask.Body, from);
                break;
        }
    }

    public void OnDatagram(SimulatedHost at, ReadOnlyMemory<byte> datagram, Endpoint from)
    {
        var bytes = datagram.Span;
        if (
            bytes.Length >= UdpClientCodec.AnnounceBytes
            && BinaryPrimitives.ReadInt32BigEndian(bytes[8..]) == (int)UdpAction.Announce
        )
        {
            var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[96..]);
            announced.Add((at.Name, new Hash20(bytes.Slice(16, Hash20.Length)), from.WithPort(port)));
        }
    }

    private void NoteAnnounce(SimulatedHost at, string query, Endpoint from)
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
            announced.Add((at.Name, known, from.WithPort(port)));
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
                    Violation ??= $"{sender.Name} passes on {peer.Address}, which never announced to it";
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
