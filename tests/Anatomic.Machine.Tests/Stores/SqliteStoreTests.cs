using System.Runtime.Versioning;
using Anatomic.Testing;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Stores;

public class SqliteStoreTests
{
    private static readonly byte[] Empty = [];

    [Fact]
    public async Task Commits_survive_reopening()
    {
        var first = new TestMachine { KeepFolder = true };
        var store = await first.World.Stores.OpenAsync("plants", first.Stop);
        await store.CommitAsync(new StoreBatch().Put("orders", "a"u8.ToArray(), "1"u8.ToArray()), first.Stop);
        await store.CommitAsync(
            new StoreBatch().Put("orders", "b"u8.ToArray(), Empty).Put("other", Empty, "2"u8.ToArray()),
            first.Stop
        );
        await first.DisposeAsync();

        await using var second = new TestMachine(first.Folder);
        await using var again = await second.World.Stores.OpenAsync("plants", second.Stop);
        (await again.GetAsync("orders", "a"u8.ToArray(), second.Stop)).ShouldBe("1"u8.ToArray());
        (await again.GetAsync("orders", "b"u8.ToArray(), second.Stop)).ShouldBe(Empty);
        (await again.GetAsync("other", Empty, second.Stop)).ShouldBe("2"u8.ToArray());
        (await again.GetAsync("orders", "c"u8.ToArray(), second.Stop)).ShouldBeNull();
        (await again.GetAsync("nothing", "a"u8.ToArray(), second.Stop)).ShouldBeNull();
    }

    [LinuxFact]
    [SupportedOSPlatform("linux")]
    public async Task Only_the_owner_can_read_a_store_regardless_of_the_umask()
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var machine = new TestMachine();
        Directory.CreateDirectory(machine.Folder);
        var old = Path.Combine(machine.Folder, "identity.db");
        await File.WriteAllBytesAsync(old, [], machine.Stop);
        File.SetUnixFileMode(old, owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        await using var store = await machine.World.Stores.OpenAsync("identity", machine.Stop);
        await store.CommitAsync(new StoreBatch().Put("keys", Empty, "secret"u8.ToArray()), machine.Stop);

        foreach (var file in (string[])["identity.db", "identity.db-wal"])
        {
            File.GetUnixFileMode(Path.Combine(machine.Folder, file)).ShouldBe(owner, file);
        }
    }

    [Fact]
    public async Task Rows_are_listed_in_byte_order_and_pages()
    {
        await using var machine = new TestMachine();
        await using var store = await machine.World.Stores.OpenAsync("index", machine.Stop);
        var batch = new StoreBatch();
        byte[][] keys =
        [
            [0xFF],
            [],
            [0x01, 0x00],
            [0x01],
            [0x80],
        ];
        foreach (var key in keys)
        {
            batch.Put("rows", key, key);
        }
        await store.CommitAsync(batch, machine.Stop);
        var first = await store.ListAsync("rows", Empty, 3, machine.Stop);
        first.Select(row => Convert.ToHexString(row.Key)).ShouldBe(["", "01", "0100"]);
        var next = await store.ListAsync("rows", first[^1].Key, 3, machine.Stop);
        next.Select(row => Convert.ToHexString(row.Value)).ShouldBe(["80", "FF"]);
        (await store.ListAsync("none", Empty, 3, machine.Stop)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_later_change_in_a_batch_wins_and_a_row_can_be_deleted()
    {
        await using var machine = new TestMachine();
        await using var store = await machine.World.Stores.OpenAsync("index", machine.Stop);
        byte[] key = [1];
        await store.CommitAsync(
            new StoreBatch().Put("rows", key, new byte[] { 1 }).Put("rows", key, new byte[] { 2 }),
            machine.Stop
        );
        (await store.GetAsync("rows", key, machine.Stop)).ShouldBe([2]);
        await store.CommitAsync(new StoreBatch().Delete("rows", key).Delete("unknown", key), machine.Stop);
        (await store.GetAsync("rows", key, machine.Stop)).ShouldBeNull();
    }

    [Fact]
    public async Task Concurrent_commits_are_all_kept_and_visible_to_their_writer()
    {
        await using var machine = new TestMachine();
        await using var store = await machine.World.Stores.OpenAsync("busy", machine.Stop);
        await Task.WhenAll(
            Enumerable
                .Range(0, 2000)
                .Select(async i =>
                {
                    byte[] key = [(byte)(i >> 8), (byte)i];
                    await store.CommitAsync(new StoreBatch().Put("rows", key, key), machine.Stop);
                    (await store.GetAsync("rows", key, machine.Stop)).ShouldBe(key);
                })
        );
        (await store.ListAsync("rows", Empty, 5000, machine.Stop)).Count.ShouldBe(2000);
    }

    [Fact]
    public async Task A_batch_may_be_changed_after_its_commit_has_started()
    {
        await using var machine = new TestMachine();
        await using var store = await machine.World.Stores.OpenAsync("busy", machine.Stop);
        var batch = new StoreBatch().Put("rows", new byte[] { 1 }, Empty);
        var commit = store.CommitAsync(batch, machine.Stop);
        batch.Put("rows", new byte[] { 2 }, Empty);
        await commit;
        (await store.ListAsync("rows", Empty, 5, machine.Stop)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Opening_a_store_twice_fails_with_advice()
    {
        await using var first = new TestMachine();
        await using var second = new TestMachine(first.Folder) { KeepFolder = true };
        var store = await first.World.Stores.OpenAsync("plants", first.Stop);
        var refused = await Should.ThrowAsync<DiskException>(async () =>
            await second.World.Stores.OpenAsync("plants", second.Stop)
        );
        refused.Message.ShouldContain("in use by another anatomic");
        refused.Message.ShouldContain("--data");
        await using var other = await second.World.Stores.OpenAsync("other", second.Stop);
        await store.DisposeAsync();
        await using var taken = await second.World.Stores.OpenAsync("plants", second.Stop);
    }

    [Fact]
    public async Task A_damaged_database_is_an_error_and_is_left_unchanged()
    {
        await using var machine = new TestMachine();
        var damaged = Enumerable.Repeat((byte)'x', 5000).ToArray();
        await File.WriteAllBytesAsync(machine.At("plants.db"), damaged);
        var refused = await Should.ThrowAsync<DiskException>(async () =>
            await machine.World.Stores.OpenAsync("plants", machine.Stop)
        );
        refused.Message.ShouldContain("damaged");
        (await File.ReadAllBytesAsync(machine.At("plants.db"))).ShouldBe(damaged);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_created_is_an_error_with_advice()
    {
        await using var outer = new TestMachine();
        await File.WriteAllTextAsync(outer.At("file"), "");
        await using var machine = new TestMachine(outer.At("file/state")) { KeepFolder = true };
        await Should.ThrowAsync<DiskException>(async () =>
            await machine.World.Stores.OpenAsync("plants", machine.Stop)
        );
    }

    [Fact]
    public async Task Names_with_path_characters_are_rejected()
    {
        await using var machine = new TestMachine();
        await Should.ThrowAsync<ArgumentException>(async () =>
            await machine.World.Stores.OpenAsync("../up", machine.Stop)
        );
        await using var store = await machine.World.Stores.OpenAsync("plants", machine.Stop);
        await Should.ThrowAsync<ArgumentException>(async () =>
            await store.CommitAsync(new StoreBatch().Put("a\"b", Empty, Empty), machine.Stop)
        );
    }

    [Fact]
    public async Task A_closed_store_accepts_nothing_but_finishes_pending_commits()
    {
        await using var machine = new TestMachine();
        var store = await machine.World.Stores.OpenAsync("plants", machine.Stop);
        var last = store.CommitAsync(new StoreBatch().Put("rows", new byte[] { 1 }, Empty), machine.Stop);
        await store.DisposeAsync();
        await last;
        await Should.ThrowAsync<ObjectDisposedException>(async () =>
            await store.CommitAsync(new StoreBatch().Put("rows", new byte[] { 2 }, Empty), machine.Stop)
        );
    }
}
