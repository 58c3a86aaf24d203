using Anatomic.World;

namespace Anatomic.Machine.Tests;

public class DiskTests
{
    [Fact]
    public async Task Parts_are_written_one_after_the_other_and_read_back()
    {
        await using var rig = new Rig();
        var path = rig.At("deep/folder/file");
        await using (var file = await rig.World.Disk.OpenAsync(path, FileUse.Write, rig.Stop))
        {
            var parts = Enumerable.Range(0, 3000).Select(i => (ReadOnlyMemory<byte>)new byte[] { (byte)i }).ToArray();
            await file.WriteAsync(10, parts, rig.Stop);
            await file.WriteAsync(0, [new byte[] { 9, 9 }], rig.Stop);
            await file.FlushAsync(rig.Stop);
            file.Length.ShouldBe(3010);
        }
        await using var again = await rig.World.Disk.OpenAsync(path, FileUse.Read, rig.Stop);
        var into = new byte[4000];
        (await again.ReadAsync(0, into, rig.Stop)).ShouldBe(3010);
        into[..11].ShouldBe([9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        into[3009].ShouldBe(unchecked((byte)2999));
        (await again.ReadAsync(3005, into, rig.Stop)).ShouldBe(5);
        (await again.ReadAsync(9000, into, rig.Stop)).ShouldBe(0);
    }

    [Fact]
    public async Task A_file_is_cut_and_stretched()
    {
        await using var rig = new Rig();
        await using var file = await rig.World.Disk.OpenAsync(rig.At("f"), FileUse.Write, rig.Stop);
        file.SetLength(100_000);
        file.Length.ShouldBe(100_000);
        file.SetLength(5);
        file.Length.ShouldBe(5);
    }

    [Fact]
    public async Task A_replaced_file_is_the_new_one_whole()
    {
        await using var rig = new Rig();
        await rig.World.Disk.ReplaceAsync(rig.At("f"), "a long first text"u8.ToArray(), rig.Stop);
        await rig.World.Disk.ReplaceAsync(rig.At("f"), "short"u8.ToArray(), rig.Stop);
        (await rig.World.Disk.ReadAllAsync(rig.At("f"), 100, rig.Stop)).ShouldBe("short"u8.ToArray());
        rig.World.Disk.List(rig.Folder).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_missing_is_told_apart()
    {
        await using var rig = new Rig();
        var missing = await Should.ThrowAsync<DiskException>(async () =>
            await rig.World.Disk.OpenAsync(rig.At("none/at/all"), FileUse.Read, rig.Stop)
        );
        missing.Kind.ShouldBe(DiskFault.NotFound);
        rig.World.Disk.Find(rig.At("none")).ShouldBeNull();
        rig.World.Disk.List(rig.At("none")).ShouldBeEmpty();
        rig.World.Disk.Delete(rig.At("none"));
        rig.World.Disk.Delete(rig.At("none/at/all"));
        var folder = await Should.ThrowAsync<DiskException>(async () =>
            await rig.World.Disk.OpenAsync(rig.Folder, FileUse.Write, rig.Stop)
        );
        folder.Message.ShouldContain("is a folder");
    }

    [Fact]
    public async Task A_full_disk_is_told_apart()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        await using var rig = new Rig();
        await using var full = await rig.World.Disk.OpenAsync("/dev/full", FileUse.Write, rig.Stop);
        var one = await Should.ThrowAsync<DiskException>(async () =>
            await full.WriteAsync(0, [new byte[10]], rig.Stop)
        );
        one.Kind.ShouldBe(DiskFault.Full);
        one.Message.ShouldContain("free some space");
        var two = await Should.ThrowAsync<DiskException>(async () =>
            await full.WriteAsync(0, [new byte[10], new byte[10]], rig.Stop)
        );
        two.Kind.ShouldBe(DiskFault.Full);
    }

    [Fact]
    public async Task A_forbidden_folder_is_told_apart()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        await using var rig = new Rig();
        // Even root makes nothing there.
        var forbidden = await Should.ThrowAsync<DiskException>(async () =>
            await rig.World.Disk.OpenAsync("/sys/anatomic-test", FileUse.Write, rig.Stop)
        );
        forbidden.Kind.ShouldBe(DiskFault.NotAllowed);
    }

    [Fact]
    public async Task Entries_come_in_order_with_links_and_execute_bits()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        await using var rig = new Rig();
        await File.WriteAllTextAsync(rig.At("b"), "12345");
        File.SetUnixFileMode(rig.At("b"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.CreateDirectory(rig.At("Z"));
        File.CreateSymbolicLink(rig.At("c"), rig.At("b"));
        File.CreateSymbolicLink(rig.At("d"), rig.At("Z"));
        File.CreateSymbolicLink(rig.At("e"), rig.At("nowhere"));
        File.CreateSymbolicLink(rig.At("f"), rig.At("f"));
        var entries = rig.World.Disk.List(rig.Folder);
        entries.Select(entry => Path.GetFileName(entry.Path)).ShouldBe(["Z", "b", "c", "d", "e", "f"]);
        entries.Select(entry => entry.IsFolder).ShouldBe([true, false, false, true, false, false]);
        entries.Select(entry => entry.IsLink).ShouldBe([false, false, true, true, true, true]);
        entries.Select(entry => entry.Length).ShouldBe([0, 5, 5, 0, 0, 0]);
        entries.Select(entry => entry.IsExecutable).ShouldBe([false, true, true, false, false, false]);
        rig.World.Disk.Find(rig.At("c")).ShouldBe(entries[2]);
        rig.World.Disk.Find(rig.At("d")).ShouldBe(entries[3]);
        rig.World.Disk.Delete(rig.At("d"));
        Directory.Exists(rig.At("Z")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_folder_that_is_not_empty_is_not_deleted()
    {
        await using var rig = new Rig();
        rig.World.Disk.CreateFolder(rig.At("a/b"));
        Should.Throw<DiskException>(() => rig.World.Disk.Delete(rig.At("a")));
        rig.World.Disk.Delete(rig.At("a/b"));
        rig.World.Disk.Delete(rig.At("a"));
        rig.World.Disk.Find(rig.At("a")).ShouldBeNull();
    }
}
