using System.CommandLine;
using Anatomic.Cli.Configuration;
using Anatomic.Cli.Display;
using Anatomic.Cli.Runtime;
using Anatomic.Machine;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Tls;
using Anatomic.World;

namespace Anatomic.Cli.Invocation;

/// <summary>One run of a verb: its parsed arguments, its process and its output.</summary>
internal sealed class VerbContext
{
    /// <summary>The flag that selects machine-readable output.</summary>
    public const string JsonFlag = "--json";

    private readonly ParseResult parsed;

    public VerbContext(ParseResult parsed, ProcessEnvironment environment)
    {
        this.parsed = parsed;
        Environment = environment;
        Output = new ConsoleOutput(environment, parsed.GetResult(JsonFlag) is { } && parsed.GetValue<bool>(JsonFlag));
    }

    public ProcessEnvironment Environment { get; }

    public ConsoleOutput Output { get; }

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    /// <summary>Whether the command line, the environment or the configuration file sets the flag.</summary>
    public bool IsSet(Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Makes a path absolute; relative paths start from the working folder.</summary>
    public string FullPath(string path)
    {
        try
        {
            return Path.GetFullPath(path, Environment.WorkingFolder);
        }
        catch (Exception fault) when (fault is ArgumentException or PathTooLongException or NotSupportedException)
        {
            throw CliException.UsageError($"'{path}' is not a valid path: {fault.Message}");
        }
    }

    /// <summary>The folder for keys and state: the flag's value, or the user's state folder.</summary>
    public string StateFolder(Option<string> flag) =>
        Get(flag) is { Length: > 0 } folder ? FullPath(folder) : UserFolders.State(Environment);

    /// <summary>Opens the real world over the state folder.</summary>
    public MachineWorld OpenWorld(Option<string>? stateFlag = null) => new(CreateOptions(stateFlag));

    /// <summary>The same for a server: it logs events and internal errors, and returns unused memory.</summary>
    /// <param name="stateFlag">Names the state folder.</param>
    /// <param name="eventLog">Receives the world's events.</param>
    /// <param name="certificate">Enables HTTPS beside HTTP; null for HTTP only.</param>
    /// <param name="proxies">Sources whose connections start with a PROXY header.</param>
    public MachineWorld OpenWorld(
        Option<string> stateFlag,
        IEventLog eventLog,
        ServerCertificate? certificate,
        ProxyProtocolSources proxies
    ) =>
        new(
            CreateOptions(stateFlag) with
            {
                EventLog = eventLog,
                Unhandled = eventLog.WriteException,
                TrimsMemory = true,
                Certificate = certificate,
                ProxyProtocol = proxies,
            }
        );

    private MachineOptions CreateOptions(Option<string>? stateFlag) =>
        new() { StateFolder = stateFlag is null ? UserFolders.State(Environment) : StateFolder(stateFlag) };
}
