using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>The units of packaging/systemd, checked by systemd's own tool.</summary>
public sealed class SystemdUnitTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("anatomic-units-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [ProgramTheory("systemd-analyze")]
    [InlineData("anatomic-node.service")]
    [InlineData("anatomic-supernode.service")]
    public async Task Systemd_accepts_every_line_and_rates_the_sandbox_as_tight(string name)
    {
        var unit = Unit(name);
        (await Programs.RunAsync("systemd-analyze", "verify", "--man=no", unit)).ShouldBeEmpty();
        // 0 is the tightest of 100. Debian 12's systemd reports 16, mostly for network access.
        await Programs.RunAsync("systemd-analyze", "security", "--offline=yes", "--threshold=17", "--no-pager", unit);
    }

    /// <summary>Replaces the program, which is not installed here, by one that is.</summary>
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
