using System.Buffers;
using Anatomic.Simulation.Scenarios.Swarms;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Scenarios.Swarms;

/// <summary>A peer that requests more from a seeder than it reads, so that the responses pile up.</summary>
public class PeerBackpressureTests
{
    // More than all buffers on the way hold, and fewer than make the peer too expensive.
    private const int Requests = 30_000;
    private const byte PeerMetadataId = 3;
    private static readonly ExtendedHandshake Extended = new()
    {
        Extensions = new Dictionary<string, byte> { ["ut_metadata"] = PeerMetadataId },
    };

    // The message id in the seeder's extended handshake.
    private const byte SeederMetadataId = 1;

    [Fact]
    public void The_seeder_stops_reading_from_a_peer_that_does_not_read() =>
        WithSeeder(
            async (testSwarm, peer) =>
            {
                var sending = peer.SendAsync(WriteMetadataRequests);
                await testSwarm.Simulator.WaitAsync(TimeSpan.FromMinutes(1));
                sending.IsCompleted.ShouldBeFalse();

                await ReadResponsesAsync(peer);

                await sending;
                testSwarm.Seeder.Status.Peers.ShouldBe(1);
            }
        );

    [Fact]
    public void A_peer_that_never_reads_is_dropped() =>
        WithSeeder(
            async (testSwarm, peer) =>
            {
                var sending = peer.SendAsync(WriteMetadataRequests);
                await testSwarm.Simulator.WaitAsync(TimeSpan.FromSeconds(10));
                testSwarm.Seeder.Status.Peers.ShouldBe(1);

                await testSwarm.Simulator.WaitAsync(TimeSpan.FromMinutes(3));

                testSwarm.Seeder.Status.Peers.ShouldBe(0);
                testSwarm
                    .Seeder.Torrent!.RecentDisconnects.ShouldHaveSingleItem()
                    .ShouldEndWith("the peer sent nothing for too long");
                await peer.DisposeAsync();
                await Expect.ThrowsAsync<NetworkException>(() => sending);
            }
        );

    private static void WithSeeder(Func<TestSwarm, RawPeer, Task> scenario) =>
        SimulationRun.Execute(
            1,
            async simulator =>
            {
                var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
                await testSwarm.SeedAsync();
                await simulator
                    .AddHost("stranger", "10.9.9.9")
                    .RunAsync(async world =>
                    {
                        var swarm = testSwarm.Metainfo.Info.SwarmIds[0];
                        await using var peer = await RawPeer.ConnectAsync(world, testSwarm.Seeder.Address, swarm);
                        await scenario(testSwarm, peer);
                    });
            }
        );

    /// <summary>An extended handshake, and many requests for the same piece of the metadata.</summary>
    private static void WriteMetadataRequests(IBufferWriter<byte> output)
    {
        PeerMessageWriter.Extended(output, 0, Extended.Write());
        var request = MetadataMessage.Request(0).Write();
        for (var i = 0; i < Requests; i++)
        {
            PeerMessageWriter.Extended(output, SeederMetadataId, request);
        }
    }

    private static Task ReadResponsesAsync(RawPeer peer)
    {
        var responses = 0;
        return peer.ReadUntilAsync(
            (in message) =>
            {
                responses += message.Id == PeerMessageId.Extended && message.ExtendedId == PeerMetadataId ? 1 : 0;
                return responses == Requests;
            }
        );
    }
}
