using System.Buffers;
using Anatomic.Simulation.Scenarios.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Scenarios.Swarms;

/// <summary>A peer that asks a seeder for more than it reads, so that the answers pile up.</summary>
public class PeerBackpressureTests
{
    private const int Requests = 50_000;
    private const int PrefixBytes = 4;
    private const byte AnswersId = 3;

    // What the seeder's extended handshake says.
    private const byte SeedersId = 1;
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public void A_peer_that_does_not_read_is_not_read_either_until_it_does() =>
        AgainstASeeder(
            async (testSwarm, connection) =>
            {
                var asking = connection.SendAsync(Questions(), Never).AsTask();
                await testSwarm.Simulator.WaitAsync(TimeSpan.FromMinutes(1));
                asking.IsCompleted.ShouldBeFalse();

                await ReadAnswersAsync(connection);

                await asking;
                testSwarm.Seeder.Status.Peers.ShouldBe(1);
            }
        );

    [Fact]
    public void A_peer_that_never_reads_is_dropped() =>
        AgainstASeeder(
            async (testSwarm, connection) =>
            {
                var asking = connection.SendAsync(Questions(), Never).AsTask();
                await testSwarm.Simulator.WaitAsync(TimeSpan.FromSeconds(10));
                testSwarm.Seeder.Status.Peers.ShouldBe(1);

                await testSwarm.Simulator.WaitAsync(TimeSpan.FromMinutes(3));

                testSwarm.Seeder.Status.Peers.ShouldBe(0);
                testSwarm
                    .Seeder.Status.RecentDisconnects.ShouldHaveSingleItem()
                    .ShouldEndWith("the peer sent nothing for too long");
                await connection.DisposeAsync();
                await Expect.ThrowsAsync<NetworkException>(() => asking);
            }
        );

    private static void AgainstASeeder(Func<TestSwarm, IConnection, Task> scenario) =>
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
                        await ShakeHandsAsync(connection, testSwarm.Metainfo.Info.SwarmIds[0]);
                        await scenario(testSwarm, connection);
                    });
            }
        );

    private static async Task ShakeHandsAsync(IConnection connection, Hash20 swarm)
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

    /// <summary>That metadata is wanted, and the same piece of it again and again.</summary>
    private static byte[] Questions()
    {
        var output = new ArrayBufferWriter<byte>();
        PeerMessageWriter.Extended(output, 0, new ExtendedHandshake { MetadataId = AnswersId }.Write());
        var question = MetadataMessage.Request(0).Write();
        for (var i = 0; i < Requests; i++)
        {
            PeerMessageWriter.Extended(output, SeedersId, question);
        }
        return output.WrittenSpan.ToArray();
    }

    private static async Task ReadAnswersAsync(IConnection connection)
    {
        var (buffer, filled, answers) = (new byte[1 << 16], 0, 0);
        while (answers < Requests)
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
                answers += message.Id == PeerMessageId.Extended && message.ExtendedId == AnswersId ? 1 : 0;
                at += PrefixBytes + length;
            }
            buffer.AsSpan(at, filled - at).CopyTo(buffer);
            filled -= at;
        }
    }
}
