using System.Buffers.Binary;
using Anatomic.Simulation.Scenarios.Swarms;
using Anatomic.Wire.Peers;

namespace Anatomic.Simulation.Tests.Scenarios.Swarms;

/// <summary>What a client tells a peer by extensions, and what it makes of what the peer tells.</summary>
public class PeerExtensionTests
{
    private const byte UploadOnlyId = 7;

    [Fact]
    public void A_client_that_completes_tells_its_peers_that_it_only_uploads() =>
        WithLeecher(
            isSeeded: true,
            async (peer, _) =>
            {
                await peer.SendAsync(output =>
                    PeerMessageWriter.Extended(output, 0, Handshake("upload_only", UploadOnlyId).Write())
                );
                await peer.ReadUntilAsync(
                    (in message) =>
                        message.Id == PeerMessageId.Extended
                        && message.ExtendedId == UploadOnlyId
                        && message.Payload.SequenceEqual<byte>([1])
                );
            }
        );

    [Fact]
    public void A_peer_without_that_message_gets_another_handshake() =>
        WithLeecher(
            isSeeded: true,
            async (peer, _) =>
            {
                await peer.SendAsync(output => PeerMessageWriter.Extended(output, 0, new ExtendedHandshake().Write()));
                await peer.ReadUntilAsync((in message) => ReadHandshake(message) is { UploadOnly: true });
            }
        );

    [Fact]
    public void A_peer_that_lost_all_pieces_is_not_interesting_any_more() =>
        WithLeecher(
            isSeeded: false,
            async (peer, pieceCount) =>
            {
                byte dontHave = 0;
                await peer.ReadUntilAsync(
                    (in message) =>
                        ReadHandshake(message) is { } handshake
                        && handshake.Extensions.TryGetValue("lt_donthave", out dontHave)
                );
                await peer.SendAsync(output => PeerMessageWriter.Plain(output, PeerMessageId.HaveAll));
                await peer.ReadUntilAsync((in message) => message.Id == PeerMessageId.Interested);
                await peer.SendAsync(output =>
                {
                    Span<byte> index = stackalloc byte[4];
                    for (var i = 0; i < pieceCount; i++)
                    {
                        BinaryPrimitives.WriteInt32BigEndian(index, i);
                        PeerMessageWriter.Extended(output, dontHave, index);
                    }
                });
                await peer.ReadUntilAsync((in message) => message.Id == PeerMessageId.NotInterested);
            }
        );

    private static ExtendedHandshake Handshake(string name, byte id) =>
        new() { Extensions = new Dictionary<string, byte> { [name] = id } };

    private static ExtendedHandshake? ReadHandshake(in PeerMessage message) =>
        message is { Id: PeerMessageId.Extended, ExtendedId: 0 }
        && ExtendedHandshake.TryRead(message.Payload.ToArray(), out var handshake, out _)
            ? handshake
            : null;

    private static void WithLeecher(bool isSeeded, Func<RawPeer, int, Task> scenario) =>
        SimulationRun.Execute(
            1,
            async simulator =>
            {
                var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
                var leecher = await testSwarm.AddLeecherAsync("leecher");
                await simulator
                    .AddHost("stranger", "10.9.9.9")
                    .RunAsync(async world =>
                    {
                        var swarm = testSwarm.Metainfo.Info.SwarmIds[0];
                        await using var peer = await RawPeer.ConnectAsync(world, leecher.Address, swarm);
                        if (isSeeded)
                        {
                            await testSwarm.SeedAsync();
                        }
                        await scenario(peer, testSwarm.Metainfo.Info.PieceCount);
                    });
            }
        );
}
