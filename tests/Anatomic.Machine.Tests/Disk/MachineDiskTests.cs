using Anatomic.Testing;
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
            (await file.GetLengthAsync(machine.Stop)).ShouldBe(3010);
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
        await file.SetLengthAsync(100_000, machine.Stop);
        (await file.GetLengthAsync(machine.Stop)).ShouldBe(100_000);
        await file.SetLengthAsync(5, machine.Stop);
        (await file.GetLengthAsync(machine.Stop)).ShouldBe(5);
    }

    [Fact]
    public async Task A_replaced_file_has_the_new_content()
    {
        await using var machine = new TestMachine();
        await machine.World.Disk.ReplaceAsync(machine.At("f"), "a long first text"u8.ToArray(), machine.Stop);
        await machine.World.Disk.ReplaceAsync(machine.At("f"), "short"u8.ToArray(), machine.Stop);
        (await machine.World.Disk.ReadAllAsync(machine.At("f"), 100, machine.Stop)).ShouldBe("short"u8.ToArray());
        (await machine.World.Disk.ListAsync(machine.Folder, machine.Stop)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_missing_file_has_its_own_error()
    {
        await using var machine = new TestMachine();
        var missing = await Should.ThrowAsync<DiskException>(async () =>
            await machine.World.Disk.OpenAsync(machine.At("none/at/all"), OpenMode.Read, machine.Stop)
        );
        missing.Kind.ShouldBe(DiskFault.NotFound);
        (await machine.World.Disk.FindAsync(machine.At("none"), machine.Stop)).ShouldBeNull();
        (await machine.World.Disk.ListAsync(machine.At("none"), machine.Stop)).ShouldBeEmpty();
        await machine.World.Disk.DeleteAsync(machine.At("none"), machine.Stop);
        await machine.World.Disk.DeleteAsync(machine.At("none/at/all"), machine.Stop);
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
        var entries = await machine.World.Disk.ListAsync(machine.Folder, machine.Stop);
        entries.Select(entry => Path.GetFileName(entry.Path)).ShouldBe(["Z", "b", "c", "d", "e", "f"]);
        entries.Select(entry => entry.IsFolder).ShouldBe([true, false, false, true, false, false]);
        entries.Select(entry => entry.IsLink).ShouldBe([false, false, true, true, true, true]);
        entries.Select(entry => entry.Length).ShouldBe([0, 5, 5, 0, 0, 0]);
        entries.Select(entry => entry.IsExecutable).ShouldBe([false, true, true, false, false, false]);
        (await machine.World.Disk.FindAsync(machine.At("c"), machine.Stop)).ShouldBe(entries[2]);
        (await machine.World.Disk.FindAsync(machine.At("d"), machine.Stop)).ShouldBe(entries[3]);
        await machine.World.Disk.DeleteAsync(machine.At("d"), machine.Stop);
        Directory.Exists(machine.At("Z")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_folder_that_is_not_empty_is_not_deleted()
    {
        await using var machine = new TestMachine();
        await machine.World.Disk.CreateFolderAsync(machine.At("a/b"), machine.Stop);
        await Should.ThrowAsync<DiskException>(async () =>
            await machine.World.Disk.DeleteAsync(machine.At("a"), machine.Stop)
        );
        await machine.World.Disk.DeleteAsync(machine.At("a/b"), machine.Stop);
        await machine.World.Disk.DeleteAsync(machine.At("a"), machine.Stop);
        (await machine.World.Disk.FindAsync(machine.At("a"), machine.Stop)).ShouldBeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_link_below_the_root_is_written_through(bool portable)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        await using var machine = new TestMachine(portable: portable);
        var disk = machine.World.Disk;
        Directory.CreateDirectory(machine.At("root/inside"));
        Directory.CreateDirectory(machine.At("outside"));
        await File.WriteAllTextAsync(machine.At("outside/secret"), "12345");
        await File.WriteAllTextAsync(machine.At("root/inside/own"), "123");
        File.CreateSymbolicLink(machine.At("root/file"), machine.At("outside/secret"));
        File.CreateSymbolicLink(machine.At("root/folder"), "../outside");
        File.CreateSymbolicLink(machine.At("root/near"), "inside/own");
        foreach (var below in (string[])["file", "folder/secret", "folder/new", "near"])
        {
            var path = new DiskPath(machine.At("root"), below);
            foreach (var mode in (OpenMode[])[OpenMode.Write, OpenMode.WriteExisting, OpenMode.CreateNew])
            {
                var refused = await Should.ThrowAsync<DiskException>(async () =>
                    await disk.OpenAsync(path, mode, machine.Stop)
                );
                refused.Kind.ShouldBeOneOf(DiskFault.Link, DiskFault.Exists);
            }
        }
        (
            await Should.ThrowAsync<DiskException>(async () =>
                await disk.OpenAsync(new DiskPath(machine.At("root"), "folder/secret"), OpenMode.Read, machine.Stop)
            )
        ).Message.ShouldContain("is a link");
        (await disk.FindAsync(new DiskPath(machine.At("root"), "folder/secret"), machine.Stop))!.Length.ShouldBe(0);
        var near = await disk.FindAsync(new DiskPath(machine.At("root"), "near"), machine.Stop);
        near!.IsLink.ShouldBeTrue();
        near.Length.ShouldBe(OperatingSystem.IsLinux() && !portable ? 3 : 0);
        File.Exists(machine.At("outside/new")).ShouldBeFalse();
        (await File.ReadAllTextAsync(machine.At("outside/secret"))).ShouldBe("12345");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_below_a_root_is_made_with_its_folders(bool portable)
    {
        await using var machine = new TestMachine(portable: portable);
        var path = new DiskPath(machine.At("root"), "a/b/file");
        (
            await Should.ThrowAsync<DiskException>(async () =>
                await machine.World.Disk.OpenAsync(path, OpenMode.WriteExisting, machine.Stop)
            )
        ).Kind.ShouldBe(DiskFault.NotFound);
        await using (var file = await machine.World.Disk.OpenAsync(path, OpenMode.CreateNew, machine.Stop))
        {
            await file.WriteAsync(3, [new byte[4]], machine.Stop);
            await file.AllocateAsync(100, machine.Stop);
            await file.FlushAsync(machine.Stop);
        }
        (await machine.World.Disk.FindAsync(path, machine.Stop))!.Length.ShouldBe(100);
        (
            await Should.ThrowAsync<DiskException>(async () =>
                await machine.World.Disk.OpenAsync(path, OpenMode.CreateNew, machine.Stop)
            )
        ).Kind.ShouldBe(DiskFault.Exists);
        (await machine.World.Disk.GetFreeBytesAsync(path, machine.Stop)).ShouldBeGreaterThan(0);
        await machine.World.Disk.RenameAsync(path, new DiskPath(machine.At("root"), "a/c"), machine.Stop);
        (await machine.World.Disk.FindAsync(path, machine.Stop)).ShouldBeNull();
    }

    [LinuxFact]
    public async Task A_rename_to_another_volume_has_its_own_error()
    {
        await using var machine = new TestMachine();
        var other = Path.Combine("/dev/shm", Path.GetFileName(machine.Folder));
        await File.WriteAllTextAsync(machine.At("f"), "1");
        if (new DriveInfo("/dev/shm").Name == new DriveInfo(machine.Folder).Name)
        {
            return;
        }
        var refused = await Should.ThrowAsync<DiskException>(async () =>
            await machine.World.Disk.RenameAsync(machine.At("f"), other, machine.Stop)
        );
        refused.Kind.ShouldBe(DiskFault.OtherVolume);
        File.Exists(machine.At("f")).ShouldBeTrue();
    }

    [LinuxFact]
    public async Task Devices_are_seen_and_a_replaced_file_keeps_its_neighbours()
    {
        await using var machine = new TestMachine();
        (await machine.World.Disk.FindAsync("/dev/null", machine.Stop))!.IsSpecial.ShouldBeTrue();
        await File.WriteAllTextAsync(machine.At("f.new"), "mine");
        File.CreateSymbolicLink(machine.At(".anatomic-0.new"), machine.At("f.new"));
        await machine.World.Disk.ReplaceAsync(machine.At("f"), "text"u8.ToArray(), machine.Stop);
        (await File.ReadAllTextAsync(machine.At("f.new"))).ShouldBe("mine");
        (await File.ReadAllTextAsync(machine.At("f"))).ShouldBe("text");
    }
}
