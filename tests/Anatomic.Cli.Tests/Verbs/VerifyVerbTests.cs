using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests.Verbs;

public sealed class VerifyVerbTests : IDisposable
{
    private readonly CliRunner program = new();

    public VerifyVerbTests() => program.Write("film.bin", [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))]);

    public void Dispose() => program.Dispose();

    [Fact]
    public async Task Complete_data_is_found_by_its_file_and_by_its_folder()
    {
        await program.RunAsync("create", "film.bin", "-o", "a.torrent");
        (await program.RunAsync("verify", "a.torrent", "--data", "film.bin")).ShouldBe(ExitStatus.Success);
        (await program.RunAsync("verify", "a.torrent", "--data", ".")).ShouldBe(ExitStatus.Success);
        program.Output.Text.ShouldStartWith("complete: film.bin");
    }

    [Fact]
    public async Task A_flipped_byte_is_listed_and_is_status_1()
    {
        await program.RunAsync("create", "film.bin", "-o", "a.torrent");
        var path = Path.Combine(program.Folder, "film.bin");
        var bytes = File.ReadAllBytes(path);
        bytes[50_000] ^= 1;
        File.WriteAllBytes(path, bytes);
        (await program.RunAsync("verify", "a.torrent", "--data", "film.bin")).ShouldBe(ExitStatus.Failed);
        program.Output.Text.ShouldContain("damaged: film.bin (1 bad piece)");
    }

    [Fact]
    public async Task A_missing_file_is_listed_and_is_status_1()
    {
        program.Write("folder/a.bin", [1]);
        program.Write("folder/b.bin", [2]);
        await program.RunAsync("create", "folder");
        File.Delete(Path.Combine(program.Folder, "folder", "b.bin"));
        (await program.RunAsync("verify", "folder.torrent", "--data", "folder")).ShouldBe(ExitStatus.Failed);
        program.Output.Lines.ShouldContain("missing: folder/b.bin");
    }
}
