using System.Buffers;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Simulation;
using Anatomic.Simulation.Scenarios.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// A seed, a download, and a magnet link without metadata, which know of nobody; and the peers that come.
/// </summary>
internal sealed class DialogueWorld
{
    private const int ContentBytes = 500_000;
    private static readonly PeerFeatures[] Features =
    [
        PeerFeatures.None,
        PeerFeatures.Fast,
        PeerFeatures.Extended,
        PeerFeatures.Fast | PeerFeatures.Extended | PeerFeatures.V2,
    ];

    // A status is a second old at most, and hashes and writes of this world take milliseconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly SteppedSimulation simulation = new(1);
    private readonly List<SimulatedHost> attackers = [];
    private SwarmClient[] victims = [];
    private TorrentMetainfo metainfo = null!;
    private byte[] content = [];

    /// <param name="inputs">Hosts for so many inputs.</param>
    public DialogueWorld(int inputs) => simulation.Run(simulator => BuildAsync(simulator, inputs));

    public void Run(int number, byte[] input) =>
        simulation.Run(async simulator =>
        {
            var victim = victims[(input.Length > 0 ? input[0] : 0) % victims.Length];
            var features = input.Length > 1 ? Features[input[1] % Features.Length] : PeerFeatures.None;
            var script = new PeerScript(input.AsMemory(Math.Min(2, input.Length)), metainfo, content);
            await attackers[number].RunAsync(world => TalkAsync(world, victim, features, script));
            await simulator.WaitUntilAsync(
                () => string.Concat(victims.Select(one => $"\n  {one.Describe()}")),
                () => victims.All(one => one.Status.Peers == 0),
                Patience
            );
            // The simulation itself checks that no victim counts wrong data as done.
            var faulted = victims.FirstOrDefault(one => one.Status.State == TorrentState.Faulted);
            ScenarioAssert.That(faulted is null, $"a torrent has faulted: {faulted?.Describe()}");
        });

    private async Task BuildAsync(Simulator simulator, int inputs)
    {
        simulator.Internet.Links = simulator.Internet.Links with { DatagramLoss = 0 };
        var data = SwarmContent.OneFile(simulator.Entropy, ContentBytes);
        content = data.Files.Values.Single();
        var swarm = await TestSwarm.BuildAsync(simulator, data, TorrentFormat.Hybrid);
        // Without trackers, no victim finds another one.
        var alone = swarm.Metainfo.Rewrite(new MetainfoEdit { AnnounceTiers = [] });
        Invariant.Holds(TorrentMetainfo.TryRead(alone, out var read, out _));
        metainfo = read;
        var add = new AddTorrent { Metainfo = metainfo, Folder = SwarmClient.Folder };
        victims = [swarm.Seeder, swarm.AddClient("download"), swarm.AddClient("magnet")];
        await victims[0].StartAsync(add with { SeedOnly = true });
        await victims[1].StartAsync(add);
        // Its metadata is never accepted: the hash belongs to nothing.
        var magnet = new MagnetLink { HashV1 = new Hash20(1, 2, 3) };
        await victims[2].StartAsync(new AddTorrent { Magnet = magnet, Folder = SwarmClient.Folder });
        for (var i = 0; i < inputs; i++)
        {
            attackers.Add(simulator.AddHost($"attacker-{i}", $"10.7.{i}.1"));
        }
    }

    private async Task TalkAsync(IWorld world, SwarmClient victim, PeerFeatures features, PeerScript script)
    {
        try
        {
            await using var connection = await world.Network.DialAsync(victim.Address, Never);
            var handshake = new byte[PeerLimits.HandshakeBytes];
            var swarm = victim == victims[2] ? new Hash20(1, 2, 3) : metainfo.Info.SwarmIds[0];
            new Handshake(swarm, new Hash20(world.Entropy.Bytes(20)), features).Write(handshake);
            await connection.SendAsync(handshake, Never);
            var reading = ReadAsync(connection, script);
            var output = new ArrayBufferWriter<byte>();
            while (!script.IsAtEnd && !reading.IsCompleted)
            {
                script.Next(output);
                if (output.WrittenCount > 0 && (script.Pause > TimeSpan.Zero || script.IsAtEnd))
                {
                    await connection.SendAsync(output.WrittenMemory.ToArray(), Never);
                    output.Clear();
                }
                if (script.Pause > TimeSpan.Zero)
                {
                    await Task.Delay(script.Pause, world.Clock, Never);
                }
            }
            await Task.Delay(TimeSpan.FromMilliseconds(300), world.Clock, Never);
        }
        catch (NetworkException)
        {
            // The victim has disconnected us, as it should.
        }
    }

    private static async Task ReadAsync(IConnection connection, PeerScript script)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            var waiting = new ArrayBufferWriter<byte>();
            var done = PeerLimits.HandshakeBytes;
            while (await connection.ReceiveAsync(buffer, Never) is > 0 and var count)
            {
                waiting.Write(buffer.AsSpan(0, count));
                done += Pass(waiting.WrittenSpan[Math.Min(done, waiting.WrittenCount)..], script);
            }
        }
        catch (NetworkException)
        {
            // The connection has ended.
        }
    }

    private static int Pass(ReadOnlySpan<byte> bytes, PeerScript script)
    {
        var done = 0;
        while (PeerMessage.TryReadLength(bytes[done..], out var length, out _) && bytes.Length >= done + 4 + length)
        {
            Invariant.Holds(PeerMessage.TryRead(bytes.Slice(done + 4, length), out var message, out _));
            script.Received(message);
            done += 4 + length;
        }
        return done;
    }
}
