using System.CommandLine;
using System.CommandLine.Help;
using Anatomic.Cli.Configuration;
using Anatomic.Cli.Display;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Verbs;

namespace Anatomic.Cli;

/// <summary>The program: finds the verb, runs it, and turns every outcome into an exit status and a line.</summary>
public sealed class Application(ProcessEnvironment environment)
{
    private static readonly ParserConfiguration Parsing = new()
    {
        // A path may start with @, so it must not be read as a response file.
        ResponseFileTokenReplacer = null,
    };

    /// <summary>Runs one command line and returns its exit status, one of <see cref="ExitStatus"/>.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken stop)
    {
        var root = CreateRootCommand();
        var json = arguments.Contains(VerbContext.JsonFlag);
        try
        {
            var parsed = root.Parse(arguments, Parsing);
            if (parsed.Action is HelpAction or { ClearsParseErrors: true })
            {
                return WriteHelp(parsed);
            }
            if (parsed.CommandResult.Command is Verb && parsed.Errors.Count == 0)
            {
                var configured = await ConfiguredFlags.ReadAsync(environment, stop);
                parsed = root.Parse([.. arguments, .. configured.ArgumentsFor(parsed)], Parsing);
            }
            if (parsed.Errors.Count > 0 || parsed.CommandResult.Command is not Verb verb)
            {
                return WriteUsageError(parsed, arguments.Count == 0);
            }
            var context = new VerbContext(parsed, environment);
            verb.RejectNotImplemented(context);
            return await RunAsync(verb, context, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitStatus.Interrupted;
        }
        catch (Exception fault) when (ErrorMapping.ToCliException(fault) is { } expected)
        {
            new ConsoleOutput(environment, json).WriteError(expected);
            return expected.Status;
        }
        catch (Exception bug)
        {
            environment.Error.WriteLine($"anatomic: this is a bug, please report it: {bug}");
            return ExitStatus.Failed;
        }
    }

    /// <summary>A signal is the normal end of a server, even while it starts.</summary>
    private static async Task<int> RunAsync(Verb verb, VerbContext context, CancellationToken stop)
    {
        try
        {
            return await verb.RunAsync(context, stop);
        }
        catch (OperationCanceledException)
            when (stop.IsCancellationRequested && verb is (NodeVerb or SupernodeVerb or SeedVerb))
        {
            return ExitStatus.Success;
        }
    }

    private static RootCommand CreateRootCommand()
    {
        var root = new RootCommand("Anatomic: BitTorrent without a central tracker.");
        Verb[] verbs =
        [
            new DemoVerb(),
            new CreateVerb(),
            new InfoVerb(),
            new PlantVerb(),
            new UnplantVerb(),
            new RenewVerb(),
            new GetVerb(),
            new SeedVerb(),
            new VerifyVerb(),
            new NodeVerb(),
            new SupernodeVerb(),
        ];
        foreach (var verb in verbs)
        {
            root.Add(verb);
        }
        root.Add(NetworkVerbs.Create());
        root.Add(KeyVerbs.Create());
        return root;
    }

    private int WriteHelp(ParseResult parsed)
    {
        var status = parsed.Invoke(
            new InvocationConfiguration { Output = environment.Output, Error = environment.Error }
        );
        if (parsed.CommandResult.Command is Verb { Examples: var examples } && parsed.Action is HelpAction)
        {
            environment.Output.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (var example in examples)
            {
                environment.Output.WriteLine($"  {example}");
            }
        }
        environment.Output.Flush();
        return status;
    }

    private int WriteUsageError(ParseResult parsed, bool noArguments)
    {
        var command = parsed.CommandResult.Command;
        if (noArguments)
        {
            command.Parse(["--help"]).Invoke(new InvocationConfiguration { Output = environment.Error });
            return ExitStatus.UsageError;
        }
        var help = string.Join(' ', ["anatomic", .. Names(command), "--help"]);
        // The first unknown word is the mistake; those after it follow from it.
        var error = parsed.UnmatchedTokens is [var unknown, ..]
            ? $"Unrecognized command or argument '{unknown}'"
            : parsed.Errors.Select(error => error.Message.TrimEnd('.')).LastOrDefault() ?? "a verb is missing";
        environment.Error.WriteLine($"anatomic: {error}. Run '{help}' for usage.");
        environment.Error.Flush();
        return ExitStatus.UsageError;
    }

    private static IEnumerable<string> Names(Command command) =>
        command is RootCommand ? [] : [.. command.Parents.OfType<Command>().SelectMany(Names), command.Name];
}
