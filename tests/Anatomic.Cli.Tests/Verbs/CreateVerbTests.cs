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
    public async Task What_create_makes_info_reads(string format, bool v1, bool v2)
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
    public async Task What_is_no_torrent_is_never_written_over()
    {
        (await program.RunAsync("create", "film.bin", "-o", "film.bin")).ShouldBe(ExitStatus.UsageError);
        program.Write("letter.txt", [1, 2, 3]);
        (await program.RunAsync("create", "film.bin", "-o", "letter.txt")).ShouldBe(ExitStatus.UsageError);
        File.ReadAllBytes(Path.Combine(program.Folder, "letter.txt")).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Whole_data_verifies_from_its_file_and_from_its_folder()
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
        program.Output.Text.ShouldContain("missing: film.bin: 1 of its pieces");
    }

    [Fact]
    public async Task The_environment_stands_before_the_file_and_the_flag_before_both()
    {
        program.Write("config/anatomic/config.json", """{"create": {"format": "v1"}}"""u8.ToArray());
        (await FormatAsync()).ShouldBe((true, false));
        program.Set("ANATOMIC_CREATE_FORMAT", "v2");
        (await FormatAsync()).ShouldBe((false, true));
        (await FormatAsync("--format", "hybrid")).ShouldBe((true, true));
    }

    [Fact]
    public async Task A_broken_configuration_file_is_named_with_its_line()
    {
        program.Write("config/anatomic/config.json", "{\n\"net\": }"u8.ToArray());
        var (status, line) = await program.FailAsync("info", "film.bin");
        status.ShouldBe(ExitStatus.UsageError);
        line.ShouldContain("config.json is not JSON at line 2");
    }

    [Fact]
    public async Task Another_key_is_not_lost_by_an_import()
    {
        (await program.RunAsync("key", "export")).ShouldBe(ExitStatus.Success);
        var key = program.Output.Text.Trim();
        program.Answers = key[1..] + "a";
        (await program.RunAsync("key", "import")).ShouldBe(ExitStatus.Failed);
        program.Error.Text.ShouldContain("--replace");
        (await program.RunAsync("key", "export")).ShouldBe(ExitStatus.Success);
        program.Output.Text.Trim().ShouldBe(key);
    }

    [Fact]
    public async Task The_wizard_asks_again_until_an_answer_makes_sense()
    {
        program.Answers = "nothing.here\nfilm.bin\nlocal-test\nnonsense\nhttp://127.0.0.1:1025/\nmany\n2\n\n";
        (await program.RunAsync("plant")).ShouldBe(ExitStatus.NetworkUnreachable, program.Error.Text);
        program.Error.Text.ShouldContain("nothing.here does not exist");
        program.Error.Text.ShouldContain("a number from 1 to 12");
        File.Exists(Path.Combine(program.Folder, "film.bin.torrent")).ShouldBeFalse();
    }

    private async Task<(bool V1, bool V2)> FormatAsync(params string[] flags)
    {
        (await program.RunAsync(["create", "film.bin", "-o", "f.torrent", "--json", .. flags])).ShouldBe(
            ExitStatus.Success
        );
        var last = JsonDocument.Parse(program.Output.Lines[^1]).RootElement;
        return (
            last.GetProperty("infoHashV1").ValueKind == JsonValueKind.String,
            last.GetProperty("infoHashV2").ValueKind == JsonValueKind.String
        );
    }
}
