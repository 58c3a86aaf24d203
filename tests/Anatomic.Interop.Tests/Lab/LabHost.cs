namespace Anatomic.Interop.Tests.Lab;

/// <summary>One host of the lab: its namespace, its address, its folder and the programs that run on it.</summary>
public sealed class LabHost(string name, string space, string address, string folder) : IAsyncDisposable
{
    private readonly List<RunningProgram> programs = [];

    public string Name { get; } = name;

    /// <summary>The name of its network namespace.</summary>
    public string Space { get; } = space;
    public string Address { get; } = address;
    public string Folder { get; } = folder;

    /// <summary>Starts a program on this host; it ends with the host at the latest.</summary>
    public RunningProgram Start(string title, params IEnumerable<string> command)
    {
        var program = new RunningProgram(
            $"{title} on {Name}",
            ["ip", "netns", "exec", Space, .. command],
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

    /// <summary>Runs our own program on this host to its end, which must be a good one; returns what it said.</summary>
    public async Task<string> AnatomicAsync(params IEnumerable<string> arguments)
    {
        await using var program = Anatomic(arguments);
        var status = await program.EndAsync(TimeSpan.FromMinutes(2));
        status.ShouldBe(0, $"{program.Name} {string.Join(' ', arguments)}:\n{program.Said}");
        return program.Said;
    }

    /// <summary>A file or folder of this host, by its path below the host's folder.</summary>
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
