using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Federation.Planting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>key</c>: the planter's master key, which alone can unplant and renew.</summary>
internal static class KeyVerbs
{
    public static Command Create() =>
        new("key", "Keep the planter's master key safe: without it there is no unplanting")
        {
            new KeyShowVerb(),
            new KeyExportVerb(),
            new KeyImportVerb(),
        };

    /// <summary>Tells two keys apart without giving either away.</summary>
    public static string FingerprintOf(PlanterKey key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key.Export())).AsSpan(0, 8));
}

internal sealed class KeyShowVerb : Verb
{
    private readonly Option<string> state = SharedFlags.State();

    public KeyShowVerb()
        : base("show", "Show the key's fingerprint and where it is kept", "anatomic key show") => Add(state);

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        await using var world = context.OpenWorld(state);
        var key = await PlanterKey.OpenAsync(world, stop);
        context.ConsoleOutput.Line($"fingerprint  {KeyVerbs.FingerprintOf(key)}");
        context.ConsoleOutput.Line($"kept in      {context.StateFolder(state)}");
        context.ConsoleOutput.Line(
            "             'anatomic key export' shows the key itself; keep a copy where nobody else looks"
        );
        return ExitStatus.Success;
    }
}

internal sealed class KeyExportVerb : Verb
{
    private readonly Option<string> state = SharedFlags.State();

    public KeyExportVerb()
        : base(
            "export",
            "Write the key itself to standard output; whoever has it can unplant",
            "anatomic key export > planter.key"
        ) => Add(state);

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        await using var world = context.OpenWorld(state);
        context.ConsoleOutput.Line((await PlanterKey.OpenAsync(world, stop)).Export());
        return ExitStatus.Success;
    }
}

internal sealed class KeyImportVerb : Verb
{
    private const int MaxFileBytes = 4096; // a key is 52 letters

    private readonly Argument<string?> file = new("FILE")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "A file with an exported key; without it the key is read from standard input",
    };

    private readonly Option<bool> replace = new("--replace")
    {
        Description = "Give up the key that is here, and with it all unplanting of what it has planted",
    };

    private readonly Option<string> state = SharedFlags.State();

    public KeyImportVerb()
        : base("import", "Put an exported key in the place of this machine's", "anatomic key import < planter.key")
    {
        Add(file);
        Add(replace);
        Add(state);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        await using var world = context.OpenWorld(state);
        var text = context.Get(file) is { Length: > 0 } name
            ? Encoding.ASCII.GetString(
                await World.DiskExtensions.ReadAllAsync(world.Disk, context.FullPath(name), MaxFileBytes, stop)
            )
            : await context.ProcessEnvironment.Input.ReadLineAsync(stop) ?? "";
        if (await PlanterKey.ExistsAsync(world, stop) && !context.Get(replace))
        {
            if ((await PlanterKey.OpenAsync(world, stop)).Export() != text.Trim())
            {
                throw CliException.Input(
                    "there is another key here, and it would be lost: export it first, then import with --replace"
                );
            }
        }
        if (!await PlanterKey.ImportAsync(world, text, stop))
        {
            throw CliException.Input(
                "that is no key: a key is 52 letters a-z and digits 2-7, as 'anatomic key export' writes it"
            );
        }
        context.ConsoleOutput.Line($"imported: {KeyVerbs.FingerprintOf(await PlanterKey.OpenAsync(world, stop))}");
        return ExitStatus.Success;
    }
}
