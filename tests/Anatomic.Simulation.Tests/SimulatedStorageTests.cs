using Anatomic.Simulation.Scheduling;
using Anatomic.World;

namespace Anatomic.Simulation.Tests;

public class SimulatedStorageTests
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private static void OnOneHost(Func<Simulator, SimulatedHost, Task> scenario)
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            SimulationRun.Execute(seed, simulator => scenario(simulator, simulator.AddHost("one", "10.0.0.1")));
        }
    }

    [Fact]
    public void A_crash_keeps_every_acknowledged_commit_and_a_prefix_of_the_pending_ones()
    {
        var kept = new HashSet<int>();
        OnOneHost(
            async (simulator, host) =>
            {
                var acknowledged = 0;
                var writing = host.RunAsync(async world =>
                {
                    var store = await world.Stores.OpenAsync("log", Never);
                    async Task Put(int number)
                    {
                        await store.CommitAsync(new StoreBatch().Put("rows", Key(number), Key(number)), Never);
                        acknowledged++;
                    }
                    await Task.WhenAll(Enumerable.Range(0, 20).Select(Put));
                });
                await simulator.WaitAsync(TimeSpan.FromMilliseconds(20));
                host.Crash();
                await Expect.ThrowsAsync<HostCrashedException>(() => writing);
                host.Restart();
                var rows = await host.RunAsync(async world =>
                {
                    var store = await world.Stores.OpenAsync("log", Never);
                    return await store.ListAsync("rows", default, 100, Never);
                });
                rows.Count.ShouldBeGreaterThanOrEqualTo(acknowledged);
                rows.Select(row => (int)row.Key[0]).ShouldBe(Enumerable.Range(0, rows.Count));
                kept.Add(rows.Count - acknowledged);
            }
        );
        kept.Count.ShouldBeGreaterThan(2); // the part that survives is random
    }

    private static byte[] Key(int number) => [(byte)number];

    [Fact]
    public void Rows_are_listed_in_key_order_strictly_after_the_given_key() =>
        OnOneHost(
            async (_, host) =>
                await host.RunAsync(async world =>
                {
                    var store = await world.Stores.OpenAsync("log", Never);
                    var batch = new StoreBatch();
                    foreach (var number in new[] { 200, 3, 7, 100 })
                    {
                        batch.Put("rows", Key(number), Key(1));
                    }
                    await store.CommitAsync(batch.Delete("rows", Key(7)), Never);
                    (await store.ListAsync("rows", default, 2, Never)).Select(row => row.Key[0]).ShouldBe([3, 100]);
                    (await store.ListAsync("rows", Key(100), 9, Never)).Select(row => row.Key[0]).ShouldBe([200]);
                    (await store.GetAsync("rows", Key(7), Never)).ShouldBeNull();
                    (await store.GetAsync("none", Key(7), Never)).ShouldBeNull();
                })
        );

    [Fact]
    public void A_crash_keeps_flushed_bytes_and_a_random_part_of_the_rest()
    {
        var whole = 0;
        OnOneHost(
            async (simulator, host) =>
            {
                await host.RunAsync(async world =>
                {
                    await using var file = await world.Disk.OpenAsync("/data/file", OpenMode.Write, Never);
                    await file.WriteAsync(0, [Filled(1, 4096)], Never);
                    await file.FlushAsync(Never);
                    await file.WriteAsync(4096, [Filled(2, 4096)], Never);
                });
                host.Crash();
                host.Restart();
                var bytes = await host.RunAsync(async world =>
                    await world.Disk.ReadAllAsync("/data/file", 9999, Never)
                );
                bytes.Take(4096).ShouldAllBe(one => one == 1);
                bytes.Skip(4096).ShouldAllBe(one => one == 2);
                (bytes.Length % 512).ShouldBe(0);
                whole += bytes.Length == 8192 ? 1 : 0;
            }
        );
        whole.ShouldBeInRange(2, 38); // of 40 runs
    }

    private static byte[] Filled(byte value, int count)
    {
        var bytes = new byte[count];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    [Fact]
    public void A_replaced_file_is_completely_the_old_or_the_new_one()
    {
        var seen = new HashSet<int>();
        OnOneHost(
            async (simulator, host) =>
            {
                host.Disk.Place("/file", Filled(1, 3000));
                var replacing = host.RunAsync(async world =>
                    await world.Disk.ReplaceAsync("/file", Filled(2, 5000), Never)
                );
                await simulator.WaitAsync(TimeSpan.FromMilliseconds(simulator.Entropy.Next(12)));
                host.Crash();
                host.Restart();
                try
                {
                    await replacing;
                }
                catch (HostCrashedException)
                {
                    // The replacement may have happened or not; both are valid.
                }
                var bytes = host.Disk.Peek("/file")!;
                bytes.ShouldBe(bytes.Length == 3000 ? Filled(1, 3000) : Filled(2, 5000));
                seen.Add(bytes.Length);
            }
        );
        seen.Count.ShouldBe(2);
    }

    [Fact]
    public void A_full_and_a_read_only_disk_report_it_and_recover() =>
        OnOneHost(
            async (_, host) =>
            {
                host.Disk.CapacityBytes = 8192;
                await host.RunAsync(async world =>
                {
                    await using var file = await world.Disk.OpenAsync("/data/file", OpenMode.Write, Never);
                    await file.SetLengthAsync(100_000, Never); // sparse: takes no space
                    await file.WriteAsync(0, [new byte[8192]], Never);
                    var full = await Expect.ThrowsAsync<DiskException>(async () =>
                        await file.WriteAsync(8192, [new byte[1]], Never)
                    );
                    full.Kind.ShouldBe(DiskFault.Full);
                    var store = await world.Stores.OpenAsync("log", Never);
                    full = await Expect.ThrowsAsync<DiskException>(async () =>
                        await store.CommitAsync(new StoreBatch().Put("rows", Key(1), Key(1)), Never)
                    );
                    full.Kind.ShouldBe(DiskFault.Full);
                    await file.WriteAsync(0, [new byte[100]], Never);
                    host.Disk.IsReadOnly = true;
                    (
                        await Expect.ThrowsAsync<DiskException>(async () =>
                            await file.WriteAsync(0, [new byte[100]], Never)
                        )
                    ).Kind.ShouldBe(DiskFault.NotAllowed);
                    host.Disk.IsReadOnly = false;
                    host.Disk.CapacityBytes = long.MaxValue;
                    await file.WriteAsync(8192, [new byte[100]], Never);
                });
            }
        );

    [Fact]
    public void A_folder_lists_its_own_entries_by_name() =>
        OnOneHost(
            async (_, host) =>
            {
                host.Disk.Place("/a/c", [1]);
                host.Disk.Place("/a/b/d", [1, 2]);
                await host.RunAsync(async world =>
                {
                    (await world.Disk.ListAsync("/a", Never)).Select(entry => entry.Path).ShouldBe(["/a/b", "/a/c"]);
                    (await world.Disk.FindAsync("/a/b", Never))!.IsFolder.ShouldBeTrue();
                    (await world.Disk.FindAsync("/a/b/d", Never))!.Length.ShouldBe(2);
                    (await world.Disk.FindAsync("/x", Never)).ShouldBeNull();
                    await world.Disk.DeleteAsync("/a/c", Never);
                    await world.Disk.DeleteAsync("/a/c", Never);
                    (await world.Disk.ListAsync("/a", Never)).Count.ShouldBe(1);
                });
            }
        );

    [Fact]
    public void A_volume_can_be_taken_away_and_brought_back() =>
        OnOneHost(
            async (_, host) =>
            {
                host.Disk.Place("/usb/a/file", [1, 2]);
                await host.RunAsync(async world =>
                {
                    await using var file = await world.Disk.OpenAsync("/usb/a/file", OpenMode.Read, Never);
                    host.Disk.Unmount("/usb");
                    (await world.Disk.FindAsync("/usb/a/file", Never)).ShouldBeNull();
                    await Expect.ThrowsAsync<DiskException>(async () => await file.ReadAsync(0, new byte[2], Never));
                    host.Disk.Mount();
                    (await file.ReadAsync(0, new byte[2], Never)).ShouldBe(2);
                    (await world.Disk.FindAsync("/usb/a/file", Never))!.Length.ShouldBe(2);
                });
            }
        );

    [Fact]
    public void A_signature_is_verified_from_the_public_key_alone()
    {
        OnOneHost(
            (_, host) =>
            {
                var signatures = host.World.Signatures;
                var key = signatures.CreateKey();
                var signer = signatures.Open(key);
                signer.PublicKey.Length.ShouldBe(64);
                var signature = signer.Sign("text"u8);
                signature.Length.ShouldBe(64);
                signatures.Verify(signer.PublicKey.Span, "text"u8, signature).ShouldBeTrue();
                signatures.Verify(signer.PublicKey.Span, "test"u8, signature).ShouldBeFalse();
                signatures.Open(key).PublicKey.ToArray().ShouldBe(signer.PublicKey.ToArray());
                signatures.Open(signatures.CreateKey()).PublicKey.ToArray().ShouldNotBe(signer.PublicKey.ToArray());
                signature[0] ^= 1;
                signatures.Verify(signer.PublicKey.Span, "text"u8, signature).ShouldBeFalse();
                return Task.CompletedTask;
            }
        );
    }
}
