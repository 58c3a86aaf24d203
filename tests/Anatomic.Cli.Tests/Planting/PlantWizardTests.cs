using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests.Planting;

public sealed class PlantWizardTests : IDisposable
{
    private readonly CliRunner program = new();

    public PlantWizardTests() =>
        program.Write("film.bin", [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))]);

    public void Dispose() => program.Dispose();

    [Fact]
    public async Task The_wizard_asks_again_until_an_answer_is_valid()
    {
        program.Answers = "nothing.here\nfilm.bin\nlocal-test\nnonsense\nhttp://127.0.0.1:1025/\nmany\n2\n\n";
        (await program.RunAsync("plant")).ShouldBe(ExitStatus.NetworkUnreachable, program.Error.Text);
        program.Error.Text.ShouldContain("nothing.here does not exist");
        program.Error.Text.ShouldContain("enter a number from 1 to 12");
        File.Exists(Path.Combine(program.Folder, "film.bin.torrent")).ShouldBeFalse();
    }

    [Fact]
    public async Task An_input_that_ends_early_plants_nothing()
    {
        program.Answers = "film.bin\n";
        var (status, line) = await program.FailAsync("plant");
        status.ShouldBe(ExitStatus.UsageError);
        line.ShouldEndWith("so nothing was planted");
    }
}
