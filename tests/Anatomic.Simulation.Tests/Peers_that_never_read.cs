using System.Buffers;
using Anatomic.Simulation.Scenarios.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Simulation.Tests;

/// <summary>A peer that asks a seeder for more than it reads, so that the answers pile up.</summary>
public class Peers_that_never_read
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
            async (lab, connection) =>
            {
                var asking = connection.SendAsync(Questions(), Never).AsTask();
                await lab.Universe.WaitAsync(TimeSpan.FromMinutes(1));
                asking.IsCompleted.ShouldBeFalse();

                await ReadAnswersAsync(connection);

                await asking;
                lab.Seeder.Status.Peers.ShouldBe(1);
            }
        );

    [Fact]
    public void A_peer_that_never_reads_is_dropped() =>
        AgainstASeeder(
            async (lab, connection) =>
            {
                var asking = connection.SendAsync(Questions(), Never).AsTask();
                await lab.Universe.WaitAsync(TimeSpan.FromSeconds(10));
                lab.Seeder.Status.Peers.ShouldBe(1);

                await lab.Universe.WaitAsync(TimeSpan.FromMinutes(3));

                lab.Seeder.Status.Peers.ShouldBe(0);
                lab.Seeder.Status.Partings.ShouldHaveSingleItem()
                    .ShouldEndWith("the peer has been silent for too long");
                await connection.DisposeAsync();
                await Expect.ThrowsAsync<NetworkException>(() => asking);
            }
        );

    private static void AgainstASeeder(Func<SwarmLab, IConnection, Task> scenario) =>
        SimulationRun.Execute(
            1,
            async universe =>
            {
                var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy));
                await lab.SeedAsync();
                await universe
                    .AddHost("stranger", "10.9.9.9")
                    .RunAsync(async world =>
                    {
                        await using var connection = await world.Network.DialAsync(lab.Seeder.At, Never);
                        await ShakeHandsAsync(connection, lab.Metainfo.Info.SwarmIds[0]);
                        await scenario(lab, connection);
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
        PeerWriter.Extended(output, 0, new ExtendedHandshake { MetadataId = AnswersId }.Write());
        var question = MetadataMessage.Request(0).Write();
        for (var i = 0; i < Requests; i++)
        {
            PeerWriter.Extended(output, SeedersId, question);
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
                answers += message.Id == PeerMessageId.Extended && message.PieceIndex == AnswersId ? 1 : 0;
                at += PrefixBytes + length;
            }
            buffer.AsSpan(at, filled - at).CopyTo(buffer);
            filled -= at;
        }
    }
}
