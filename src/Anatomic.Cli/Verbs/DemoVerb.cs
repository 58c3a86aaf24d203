using System.CommandLine;
using Anatomic.Cli.Demonstration;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Verbs;

/// <summary><c>demo</c>: a whole network in this process.</summary>
internal sealed class DemoVerb : Verb
{
    private readonly Option<string> file = new("--file")
    {
        HelpName = "PATH",
        Description = "The file that travels [default: 64 MiB made for it]",
    };

    private readonly Option<bool> json = SharedFlags.Json();

    public DemoVerb()
        : base(
            "demo",
            "Show a whole network at work in this process: plant, seed, download, lose a node, verify",
            "anatomic demo",
            "anatomic demo --file holiday.mkv"
        )
    {
        Add(file);
        Add(json);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var given = context.Get(file) is { Length: > 0 } path ? context.FullPath(path) : null;
        if (given is not null && !File.Exists(given))
        {
            throw CliException.Input($"{context.Get(file)} is no file: name the file that shall travel");
        }
        await using var stage = new DemoNetwork(context);
        await new DemoScenario(context, stage).RunAsync(given, stop);
        return ExitStatus.Success;
    }
}
