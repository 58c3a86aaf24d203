using System.CommandLine;
using Anatomic.Cli.Configuration;
using Anatomic.Cli.Display;
using Anatomic.Machine;
using Anatomic.World;

namespace Anatomic.Cli.Verbs;

/// <summary>One call of a verb: what was said, and where it runs.</summary>
internal sealed class Call
{
    private readonly ParseResult parsed;

    public Call(ParseResult parsed, Surroundings surroundings)
    {
        this.parsed = parsed;
        Surroundings = surroundings;
        Reporter = new Reporter(
            surroundings,
            parsed.GetResult(Flags.JsonName) is { } && parsed.GetValue<bool>(Flags.JsonName)
        );
    }

    public Surroundings Surroundings { get; }

    public Reporter Reporter { get; }

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    /// <summary>Whether a value came from the command line, the environment or the configuration file.</summary>
    public bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>A path as the person wrote it, made absolute.</summary>
    public string FullPath(string path)
    {
        try
        {
            return Path.GetFullPath(path, Surroundings.Folder);
        }
        catch (Exception fault) when (fault is ArgumentException or PathTooLongException or NotSupportedException)
        {
            throw CliException.Arguments($"'{path}' is no path: {fault.Message}");
        }
    }

    /// <summary>The folder for keys and memory.</summary>
    public string StateFolder(Option<string> choice) =>
        Get(choice) is { Length: > 0 } folder ? FullPath(folder) : Folders.State(Surroundings);

    /// <summary>The real world over the state folder that was chosen.</summary>
    public MachineWorld OpenWorld(Option<string>? choice = null) => new(OptionsOf(choice));

    /// <summary>The same for a server, which tells its operator what happens; own bugs, too.</summary>
    /// <param name="certificate">Servers speak https, too; null: they do not.</param>
    /// <param name="proxies">Who tells clients' addresses by the PROXY protocol.</param>
    public MachineWorld OpenWorld(
        Option<string> choice,
        IJournal journal,
        ServerCertificate? certificate,
        ProxySources proxies
    ) =>
        new(
            OptionsOf(choice) with
            {
                Journal = journal,
                Unhandled = journal.WriteFault,
                GivesMemoryBack = true,
                Certificate = certificate,
                ProxyProtocol = proxies,
            }
        );

    private MachineOptions OptionsOf(Option<string>? choice) =>
        new() { StateFolder = choice is null ? Folders.State(Surroundings) : StateFolder(choice) };
}
