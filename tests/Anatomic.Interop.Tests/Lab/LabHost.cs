namespace Anatomic.Interop.Tests.Lab;

/// <summary>One host of the lab: a network namespace with an address, a folder and running programs.</summary>
public sealed class LabHost(string name, string space, string address, string folder) : IAsyncDisposable
{
    private readonly List<RunningProgram> programs = [];

    public string Name { get; } = name;

    /// <summary>The name of its network namespace.</summary>
    public string Namespace { get; } = space;
    public string Address { get; } = address;
    public string Folder { get; } = folder;

    /// <summary>Starts a program on this host; disposing the host stops it.</summary>
    public RunningProgram Start(string title, params IEnumerable<string> command)
    {
        var program = new RunningProgram(
            $"{title} on {Name}",
            ["ip", "netns", "exec", Namespace, .. command],
            new Dictionary<string, string>
            {
                ["HOME"] = Folder,
                ["XDG_CONFIG_HOME"] = Folder,
                ["XDG_STATE_HOME"] = Folder,
            }
        );
        programs.Add(program);
        return program;
    }

    /// <summary>Starts our own program on this host.</summary>
    public RunningProgram Anatomic(params IEnumerable<string> arguments) =>
        Start("anatomic " + arguments.First(), ["dotnet", Programs.Anatomic, .. arguments]);

    /// <summary>Runs our own program to a successful end; returns its output.</summary>
    public async Task<string> AnatomicAsync(params IEnumerable<string> arguments)
    {
        await using var program = Anatomic(arguments);
        var status = await program.WaitForExitAsync(TimeSpan.FromMinutes(2));
        status.ShouldBe(0, $"{program.Name} {string.Join(' ', arguments)}:\n{program.Output}");
        return program.Output;
    }

    /// <summary>A path below the host's folder.</summary>
    public string PathOf(params string[] parts) => Path.Combine([Folder, .. parts]);

    public string MakeFolder(string name) => Directory.CreateDirectory(PathOf(name)).FullName;

    public async ValueTask DisposeAsync()
    {
        foreach (var program in programs)
        {
            await program.DisposeAsync();
        }
        programs.Clear();
    }
}
