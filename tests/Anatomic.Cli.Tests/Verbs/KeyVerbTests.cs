using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests.Verbs;

public sealed class KeyVerbTests : IDisposable
{
    private readonly CliRunner program = new();

    public void Dispose() => program.Dispose();

    [Fact]
    public async Task An_import_does_not_overwrite_a_different_key()
    {
        (await program.RunAsync("key", "export")).ShouldBe(ExitStatus.Success);
        var key = program.Output.Text.Trim();
        program.Answers = key[1..] + "a";
        (await program.RunAsync("key", "import")).ShouldBe(ExitStatus.Failed);
        program.Error.Text.ShouldContain("--replace");
        (await program.RunAsync("key", "export")).ShouldBe(ExitStatus.Success);
        program.Output.Text.Trim().ShouldBe(key);
    }
}
