using System.CommandLine;
using Anatomic.Cli.Configuration;
using Anatomic.Cli.Display;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Runtime;
using Anatomic.Machine;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Tls;
using Anatomic.World;

namespace Anatomic.Cli.Invocation;

/// <summary>One call of a verb: what was said, and where it runs.</summary>
internal sealed class VerbContext
{
    private readonly ParseResult parsed;

    public VerbContext(ParseResult parsed, ProcessEnvironment environment)
    {
        this.parsed = parsed;
        ProcessEnvironment = environment;
        ConsoleOutput = new ConsoleOutput(
            environment,
            parsed.GetResult(SharedFlags.JsonName) is { } && parsed.GetValue<bool>(SharedFlags.JsonName)
        );
    }

    public ProcessEnvironment ProcessEnvironment { get; }

    public ConsoleOutput ConsoleOutput { get; }

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    /// <summary>Whether a value came from the command line, the environment or the configuration file.</summary>
    public bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>A path as the person wrote it, made absolute.</summary>
    public string FullPath(string path)
    {
        try
        {
            return Path.GetFullPath(path, ProcessEnvironment.Folder);
        }
        catch (Exception fault) when (fault is ArgumentException or PathTooLongException or NotSupportedException)
        {
            throw CliException.Arguments($"'{path}' is no path: {fault.Message}");
        }
    }

    /// <summary>The folder for keys and memory.</summary>
    public string StateFolder(Option<string> choice) =>
        Get(choice) is { Length: > 0 } folder ? FullPath(folder) : UserFolders.State(ProcessEnvironment);

    /// <summary>The real world over the state folder that was chosen.</summary>
    public MachineWorld OpenWorld(Option<string>? choice = null) => new(OptionsOf(choice));

    /// <summary>The same for a server, which tells its operator what happens; own bugs, too.</summary>
    /// <param name="certificate">Servers speak https, too; null: they do not.</param>
    /// <param name="proxies">Who tells clients' addresses by the PROXY protocol.</param>
    public MachineWorld OpenWorld(
        Option<string> choice,
        IEventLog eventLog,
        ServerCertificate? certificate,
        ProxyProtocolSources proxies
    ) =>
        new(
            OptionsOf(choice) with
            {
                EventLog = eventLog,
                Unhandled = eventLog.WriteException,
                TrimsMemory = true,
                Certificate = certificate,
                ProxyProtocol = proxies,
            }
        );

    private MachineOptions OptionsOf(Option<string>? choice) =>
        new() { StateFolder = choice is null ? UserFolders.State(ProcessEnvironment) : StateFolder(choice) };
}
