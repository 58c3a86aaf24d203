using Anatomic.Simulation;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Daemon.Tests;

public class SavedTorrentsTests
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private static readonly SavedTorrent First = new()
    {
        Id = new Hash20(1, 2, 3),
        Torrent = "d4:infod4:name1:aee"u8.ToArray(),
        Folder = "/downloads",
    };

    private static readonly SavedTorrent Second = new()
    {
        Id = new Hash20(2, 0, 0),
        Magnet = "magnet:?xt=urn:btih:0000000000000002000000000000000000000000",
        Folder = "/elsewhere",
        IsStopped = true,
    };

    [Fact]
    public void An_acknowledged_torrent_is_there_after_a_crash()
    {
        SimulationRun.Execute(
            seed: 1,
            async simulator =>
            {
                var host = simulator.AddHost("client", "10.0.0.1");
                await host.RunAsync(async world =>
                {
                    var saved = await SavedTorrents.OpenAsync(world, Never);
                    await saved.SaveAsync(Second, Never);
                    await saved.SaveAsync(First, Never);
                });
                host.Crash();
                host.Restart();

                var torrents = await host.RunAsync(async world => await ListAsync(world));

                torrents.Select(torrent => torrent.Id).ShouldBe([First.Id, Second.Id]);
                torrents[0].Torrent.ToArray().ShouldBe(First.Torrent.ToArray());
                ShouldBeSecond(torrents[1]);
            }
        );
    }

    [Fact]
    public void A_removed_torrent_does_not_come_back()
    {
        OnOneHost(async world =>
        {
            await using (var saved = await SavedTorrents.OpenAsync(world, Never))
            {
                await saved.SaveAsync(First, Never);
                await saved.SaveAsync(Second, Never);
                await saved.RemoveAsync(First.Id, Never);
            }

            ShouldBeSecond((await ListAsync(world)).Single());
        });
    }

    [Fact]
    public void An_invalid_entry_is_reported_and_hides_no_other()
    {
        OnOneHost(async world =>
        {
            await using (var store = await world.Stores.OpenAsync("client", Never))
            {
                await store.CommitAsync(
                    new StoreBatch().Put("torrents", First.Id.ToArray(), "d6:folder1:/e"u8.ToArray()),
                    Never
                );
            }
            await using var saved = await SavedTorrents.OpenAsync(world, Never);
            await saved.SaveAsync(Second, Never);
            var invalid = new List<Hash20>();

            var torrents = await saved.ListAsync((id, _) => invalid.Add(id), Never);

            ShouldBeSecond(torrents.Single());
            invalid.ShouldBe([First.Id]);
        });
    }

    private static void ShouldBeSecond(SavedTorrent torrent) => (torrent with { Torrent = default }).ShouldBe(Second);

    private static void OnOneHost(Func<IWorld, Task> scenario) =>
        SimulationRun.Execute(seed: 1, simulator => simulator.AddHost("client", "10.0.0.1").RunAsync(scenario));

    private static async Task<IReadOnlyList<SavedTorrent>> ListAsync(IWorld world)
    {
        await using var saved = await SavedTorrents.OpenAsync(world, Never);
        return await saved.ListAsync((id, fault) => throw new InvalidOperationException($"{id}: {fault}"), Never);
    }
}
