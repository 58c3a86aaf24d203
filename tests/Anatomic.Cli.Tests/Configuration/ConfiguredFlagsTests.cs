using System.Text.Json;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests.Configuration;

public sealed class ConfiguredFlagsTests : IDisposable
{
    private readonly CliRunner program = new();

    public ConfiguredFlagsTests() =>
        program.Write("film.bin", [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))]);

    public void Dispose() => program.Dispose();

    [Fact]
    public async Task The_environment_overrides_the_file_and_a_flag_overrides_both()
    {
        program.Write("config/anatomic/config.json", """{"create": {"format": "v1"}}"""u8.ToArray());
        (await FormatAsync()).ShouldBe((true, false));
        program.Set("ANATOMIC_CREATE_FORMAT", "v2");
        (await FormatAsync()).ShouldBe((false, true));
        (await FormatAsync("--format", "hybrid")).ShouldBe((true, true));
    }

    [Fact]
    public async Task An_invalid_configuration_file_is_named_with_its_line()
    {
        program.Write("config/anatomic/config.json", "{\n\"net\": }"u8.ToArray());
        var (status, line) = await program.FailAsync("info", "film.bin");
        status.ShouldBe(ExitStatus.UsageError);
        line.ShouldContain("config.json is not valid JSON at line 2");
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
