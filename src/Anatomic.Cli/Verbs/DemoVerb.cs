using System.CommandLine;
using Anatomic.Cli.Demonstration;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Verbs;

/// <summary><c>demo</c>: runs a whole network in this process.</summary>
internal sealed class DemoVerb : Verb
{
    private readonly Option<string> file = new("--file")
    {
        HelpName = "PATH",
        Description = "File to share [default: 64 MiB of random data]",
    };

    private readonly Option<bool> json = SharedFlags.Json();

    public DemoVerb()
        : base(
            "demo",
            "Run a whole network in this process: plant, seed, download, lose a node, verify",
            "anatomic demo",
            "anatomic demo --file holiday.mkv"
        )
    {
        AddFlags(file, json);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var path = context.Get(file) is { Length: > 0 } given ? context.FullPath(given) : null;
        if (path is not null && !File.Exists(path))
        {
            throw CliException.InvalidInput($"{context.Get(file)} is not a file: give the file to share");
        }
        await using var network = new DemoNetwork(context);
        await new DemoScenario(context, network).RunAsync(path, stop);
        return ExitStatus.Success;
    }
}
