using System.Text.Json;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests.Verbs;

public sealed class CreateVerbTests : IDisposable
{
    private readonly CliRunner program = new();

    public CreateVerbTests() => program.Write("film.bin", [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))]);

    public void Dispose() => program.Dispose();

    [Theory]
    [InlineData("v1", true, false)]
    [InlineData("v2", false, true)]
    [InlineData("hybrid", true, true)]
    public async Task Info_reads_what_create_writes(string format, bool v1, bool v2)
    {
        (await program.RunAsync("create", "film.bin", "-o", "a.torrent", "--format", format)).ShouldBe(
            ExitStatus.Success
        );
        (await program.RunAsync("info", "a.torrent", "--json")).ShouldBe(ExitStatus.Success);
        var info = JsonDocument.Parse(program.Output.Text).RootElement;
        info.GetProperty("name").GetString().ShouldBe("film.bin");
        info.GetProperty("size").GetInt64().ShouldBe(100_000);
        (info.GetProperty("infoHashV1").ValueKind == JsonValueKind.String).ShouldBe(v1);
        (info.GetProperty("infoHashV2").ValueKind == JsonValueKind.String).ShouldBe(v2);
        var file = info.GetProperty("files")[0];
        file.GetProperty("path").GetString().ShouldBe("film.bin");
        file.GetProperty("length").GetInt64().ShouldBe(100_000);
        info.GetProperty("private").GetBoolean().ShouldBeFalse();
        info.GetProperty("anatomic").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Trackers_of_one_flag_are_one_tier()
    {
        await program.RunAsync("create", "film.bin", "--tracker", "http://a/x,udp://b:1/", "--tracker", "http://c/x");
        (await program.RunAsync("info", "film.bin.torrent", "--json")).ShouldBe(ExitStatus.Success);
        program.Output.Text.ShouldContain("""announce":[["http://a/x","udp://b:1/"],["http://c/x"]]""");
    }

    [Fact]
    public async Task A_file_that_is_not_a_torrent_is_never_overwritten()
    {
        (await program.RunAsync("create", "film.bin", "-o", "film.bin")).ShouldBe(ExitStatus.UsageError);
        program.Write("letter.txt", [1, 2, 3]);
        (await program.RunAsync("create", "film.bin", "-o", "letter.txt")).ShouldBe(ExitStatus.UsageError);
        File.ReadAllBytes(Path.Combine(program.Folder, "letter.txt")).ShouldBe([1, 2, 3]);
    }
}
