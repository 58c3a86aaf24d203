using Anatomic.World;

namespace Anatomic.Machine.Tests.Disk;

public class MachineDiskTests
{
    [Fact]
    public async Task Parts_are_written_one_after_the_other_and_read_back()
    {
        await using var machine = new TestMachine();
        var path = machine.At("deep/folder/file");
        await using (var file = await machine.World.Disk.OpenAsync(path, OpenMode.Write, machine.Stop))
        {
            var parts = Enumerable.Range(0, 3000).Select(i => (ReadOnlyMemory<byte>)new byte[] { (byte)i }).ToArray();
            await file.WriteAsync(10, parts, machine.Stop);
            await file.WriteAsync(0, [new byte[] { 9, 9 }], machine.Stop);
            await file.FlushAsync(machine.Stop);
            file.Length.ShouldBe(3010);
        }
        await using var again = await machine.World.Disk.OpenAsync(path, OpenMode.Read, machine.Stop);
        var into = new byte[4000];
        (await again.ReadAsync(0, into, machine.Stop)).ShouldBe(3010);
        into[..11].ShouldBe([9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        into[3009].ShouldBe(unchecked((byte)2999));
        (await again.ReadAsync(3005, into, machine.Stop)).ShouldBe(5);
        (await again.ReadAsync(9000, into, machine.Stop)).ShouldBe(0);
    }

    [Fact]
    public async Task A_file_can_be_shortened_and_extended()
    {
        await using var machine = new TestMachine();
        await using var file = await machine.World.Disk.OpenAsync(machine.At("f"), OpenMode.Write, machine.Stop);
        file.SetLength(100_000);
        file.Length.ShouldBe(100_000);
        file.SetLength(5);
        file.Length.ShouldBe(5);
    }

    [Fact]
    public async Task A_replaced_file_has_the_new_content()
    {
        await using var machine = new TestMachine();
        await machine.World.Disk.ReplaceAsync(machine.At("f"), "a long first text"u8.ToArray(), machine.Stop);
        await machine.World.Disk.ReplaceAsync(machine.At("f"), "short"u8.ToArray(), machine.Stop);
        (await machine.World.Disk.ReadAllAsync(machine.At("f"), 100, machine.Stop)).ShouldBe("short"u8.ToArray());
        machine.World.Disk.List(machine.Folder).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_missing_file_has_its_own_error()
    {
        await using var machine = new TestMachine();
        var missing = await Should.ThrowAsync<DiskException>(async () =>
            await machine.World.Disk.OpenAsync(machine.At("none/at/all"), OpenMode.Read, machine.Stop)
        );
        missing.Kind.ShouldBe(DiskFault.NotFound);
        machine.World.Disk.Find(machine.At("none")).ShouldBeNull();
        machine.World.Disk.List(machine.At("none")).ShouldBeEmpty();
        machine.World.Disk.Delete(machine.At("none"));
        machine.World.Disk.Delete(machine.At("none/at/all"));
        var folder = await Should.ThrowAsync<DiskException>(async () =>
            await machine.World.Disk.OpenAsync(machine.Folder, OpenMode.Write, machine.Stop)
        );
        folder.Message.ShouldContain("is a folder");
    }

    [Fact]
    public async Task A_full_disk_has_its_own_error()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        await using var machine = new TestMachine();
        await using var full = await machine.World.Disk.OpenAsync("/dev/full", OpenMode.Write, machine.Stop);
        var one = await Should.ThrowAsync<DiskException>(async () =>
            await full.WriteAsync(0, [new byte[10]], machine.Stop)
        );
        one.Kind.ShouldBe(DiskFault.Full);
        one.Message.ShouldContain("free some space");
        var two = await Should.ThrowAsync<DiskException>(async () =>
            await full.WriteAsync(0, [new byte[10], new byte[10]], machine.Stop)
        );
        two.Kind.ShouldBe(DiskFault.Full);
    }

    [Fact]
    public async Task A_missing_permission_has_its_own_error()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        await using var machine = new TestMachine();
        // Even root cannot create anything there.
        var forbidden = await Should.ThrowAsync<DiskException>(async () =>
            await machine.World.Disk.OpenAsync("/sys/anatomic-test", OpenMode.Write, machine.Stop)
        );
        forbidden.Kind.ShouldBe(DiskFault.NotAllowed);
    }

    [Fact]
    public async Task Entries_are_sorted_and_show_links_and_permissions()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        await using var machine = new TestMachine();
        await File.WriteAllTextAsync(machine.At("b"), "12345");
        File.SetUnixFileMode(machine.At("b"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.CreateDirectory(machine.At("Z"));
        File.CreateSymbolicLink(machine.At("c"), machine.At("b"));
        File.CreateSymbolicLink(machine.At("d"), machine.At("Z"));
        File.CreateSymbolicLink(machine.At("e"), machine.At("nowhere"));
        File.CreateSymbolicLink(machine.At("f"), machine.At("f"));
        var entries = machine.World.Disk.List(machine.Folder);
        entries.Select(entry => Path.GetFileName(entry.Path)).ShouldBe(["Z", "b", "c", "d", "e", "f"]);
        entries.Select(entry => entry.IsFolder).ShouldBe([true, false, false, true, false, false]);
        entries.Select(entry => entry.IsLink).ShouldBe([false, false, true, true, true, true]);
        entries.Select(entry => entry.Length).ShouldBe([0, 5, 5, 0, 0, 0]);
        entries.Select(entry => entry.IsExecutable).ShouldBe([false, true, true, false, false, false]);
        machine.World.Disk.Find(machine.At("c")).ShouldBe(entries[2]);
        machine.World.Disk.Find(machine.At("d")).ShouldBe(entries[3]);
        machine.World.Disk.Delete(machine.At("d"));
        Directory.Exists(machine.At("Z")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_folder_that_is_not_empty_is_not_deleted()
    {
        await using var machine = new TestMachine();
        machine.World.Disk.CreateFolder(machine.At("a/b"));
        Should.Throw<DiskException>(() => machine.World.Disk.Delete(machine.At("a")));
        machine.World.Disk.Delete(machine.At("a/b"));
        machine.World.Disk.Delete(machine.At("a"));
        machine.World.Disk.Find(machine.At("a")).ShouldBeNull();
    }
}
