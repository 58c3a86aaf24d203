using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>The units of packaging/systemd, judged by systemd's own tool.</summary>
public sealed class SystemdUnitTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("anatomic-units-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [ProgramTheory("systemd-analyze")]
    [InlineData("anatomic-node.service")]
    [InlineData("anatomic-supernode.service")]
    public async Task Every_line_is_understood_and_the_sandbox_is_tight(string name)
    {
        var unit = Unit(name);
        (await Programs.RunAsync("systemd-analyze", "verify", "--man=no", unit)).ShouldBeEmpty();
        // Of 100, where 0 is the tightest: 16 of Debian 12's systemd, most of it for the network.
        await Programs.RunAsync("systemd-analyze", "security", "--offline=yes", "--threshold=17", "--no-pager", unit);
    }

    /// <summary>The program itself is not installed here: another that is stands in for it.</summary>
    private string Unit(string name)
    {
        const string program = "ExecStart=/usr/bin/anatomic ";
        var text = File.ReadAllText(Path.Combine(Programs.Repository, "packaging", "systemd", name));
        text.ShouldContain(program);
        var unit = Path.Combine(folder, name);
        File.WriteAllText(unit, text.Replace(program, "ExecStart=/usr/bin/env ", StringComparison.Ordinal));
        return unit;
    }
}
