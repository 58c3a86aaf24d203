using System.Buffers;
using Anatomic.Simulation.Scenarios.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Scenarios.Swarms;

/// <summary>A peer that requests more from a seeder than it reads, so that the responses pile up.</summary>
public class PeerBackpressureTests
{
    // More than all buffers on the way hold, and fewer than make the peer too expensive.
    private const int Requests = 30_000;
    private const int PrefixBytes = 4;
    private const byte PeerMetadataId = 3;
    private static readonly ExtendedHandshake Extended = new()
    {
        Extensions = new Dictionary<string, byte> { ["ut_metadata"] = PeerMetadataId },
    };

    // The message id in the seeder's extended handshake.
    private const byte SeederMetadataId = 1;
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public void The_seeder_stops_reading_from_a_peer_that_does_not_read() =>
        WithSeeder(
            async (testSwarm, connection) =>
            {
                var sending = connection.SendAsync(MetadataRequests(), Never).AsTask();
                await testSwarm.Simulator.WaitAsync(TimeSpan.FromMinutes(1));
                sending.IsCompleted.ShouldBeFalse();

                await ReadResponsesAsync(connection);

                await sending;
                testSwarm.Seeder.Status.Peers.ShouldBe(1);
            }
        );

    [Fact]
    public void A_peer_that_never_reads_is_dropped() =>
        WithSeeder(
            async (testSwarm, connection) =>
            {
                var sending = connection.SendAsync(MetadataRequests(), Never).AsTask();
                await testSwarm.Simulator.WaitAsync(TimeSpan.FromSeconds(10));
                testSwarm.Seeder.Status.Peers.ShouldBe(1);

                await testSwarm.Simulator.WaitAsync(TimeSpan.FromMinutes(3));

                testSwarm.Seeder.Status.Peers.ShouldBe(0);
                testSwarm
                    .Seeder.Torrent!.RecentDisconnects.ShouldHaveSingleItem()
                    .ShouldEndWith("the peer sent nothing for too long");
                await connection.DisposeAsync();
                await Expect.ThrowsAsync<NetworkException>(() => sending);
            }
        );

    private static void WithSeeder(Func<TestSwarm, IConnection, Task> scenario) =>
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
                        await using var connection = await world.Network.DialAsync(testSwarm.Seeder.Address, Never);
                        await ExchangeHandshakesAsync(connection, testSwarm.Metainfo.Info.SwarmIds[0]);
                        await scenario(testSwarm, connection);
                    });
            }
        );

    private static async Task ExchangeHandshakesAsync(IConnection connection, Hash20 swarm)
    {
        Hash20.TryParseHex(new string('a', 40), out var own).ShouldBeTrue();
        var bytes = new byte[PeerLimits.HandshakeBytes];
        new Handshake(swarm, own, PeerFeatures.Fast | PeerFeatures.Extended).Write(bytes);
        await connection.SendAsync(bytes, Never);
        var read = 0;
        while (read < bytes.Length)
        {
            read += await connection.ReceiveAsync(bytes.AsMemory(read), Never);
        }
    }

    /// <summary>An extended handshake, and many requests for the same piece of the metadata.</summary>
    private static byte[] MetadataRequests()
    {
        var output = new ArrayBufferWriter<byte>();
        PeerMessageWriter.Extended(output, 0, Extended.Write());
        var request = MetadataMessage.Request(0).Write();
        for (var i = 0; i < Requests; i++)
        {
            PeerMessageWriter.Extended(output, SeederMetadataId, request);
        }
        return output.WrittenSpan.ToArray();
    }

    private static async Task ReadResponsesAsync(IConnection connection)
    {
        var (buffer, filled, responses) = (new byte[1 << 16], 0, 0);
        while (responses < Requests)
        {
            var received = await connection.ReceiveAsync(buffer.AsMemory(filled), Never);
            received.ShouldBeGreaterThan(0);
            filled += received;
            var at = 0;
            while (PeerMessage.TryReadLength(buffer.AsSpan(at, filled - at), out var length, out _))
            {
                if (filled - at < PrefixBytes + length)
                {
                    break;
                }
                PeerMessage.TryRead(buffer.AsSpan(at + PrefixBytes, length), out var message, out _).ShouldBeTrue();
                responses += message.Id == PeerMessageId.Extended && message.ExtendedId == PeerMetadataId ? 1 : 0;
                at += PrefixBytes + length;
            }
            buffer.AsSpan(at, filled - at).CopyTo(buffer);
            filled -= at;
        }
    }
}
