using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Federation.Planting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>key</c>: manages the planter's master key, which alone can unplant and renew.</summary>
internal static class KeyVerbs
{
    public static Command Create() =>
        new("key", "Manage the planter's master key, which unplanting and renewing need")
        {
            new KeyShowVerb(),
            new KeyExportVerb(),
            new KeyImportVerb(),
        };

    /// <summary>Identifies a key without revealing it.</summary>
    public static string Fingerprint(PlanterKey key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key.Export())).AsSpan(0, 8));
}

internal sealed class KeyShowVerb : Verb
{
    private readonly Option<string> state = SharedFlags.State();

    public KeyShowVerb()
        : base("show", "Show the key's fingerprint and where it is stored", "anatomic key show") => Add(state);

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        await using var world = context.OpenWorld(state);
        var key = await PlanterKey.OpenAsync(world, stop);
        context.Output.WriteLine($"fingerprint  {KeyVerbs.Fingerprint(key)}");
        context.Output.WriteLine($"stored in    {context.StateFolder(state)}");
        context.Output.WriteLine(
            "             'anatomic key export' prints the key itself; keep a copy where nobody else can read it"
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
            "Write the key to standard output; anyone who has it can unplant",
            "anatomic key export > planter.key"
        ) => Add(state);

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        await using var world = context.OpenWorld(state);
        context.Output.WriteLine((await PlanterKey.OpenAsync(world, stop)).Export());
        return ExitStatus.Success;
    }
}

internal sealed class KeyImportVerb : Verb
{
    private readonly Argument<string?> file = new("FILE")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "File with an exported key [default: standard input]",
    };

    private readonly Option<bool> replace = new("--replace")
    {
        Description = "Replace a different key; what it planted can then never be unplanted",
    };

    private readonly Option<string> state = SharedFlags.State();

    public KeyImportVerb()
        : base("import", "Import an exported key to this machine", "anatomic key import < planter.key")
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
                await World.DiskExtensions.ReadAllAsync(
                    world.Disk,
                    context.FullPath(name),
                    CliLimits.MaxKeyFileBytes,
                    stop
                )
            )
            : await context.Environment.Input.ReadLineAsync(stop) ?? "";
        if (await PlanterKey.ExistsAsync(world, stop) && !context.Get(replace))
        {
            if ((await PlanterKey.OpenAsync(world, stop)).Export() != text.Trim())
            {
                throw CliException.InvalidInput(
                    "this would overwrite a different key: export it first, then import with --replace"
                );
            }
        }
        if (!await PlanterKey.ImportAsync(world, text, stop))
        {
            throw CliException.InvalidInput(
                "not a valid key: a key has 52 letters a-z and digits 2-7, as 'anatomic key export' prints it"
            );
        }
        context.Output.WriteLine($"imported: {KeyVerbs.Fingerprint(await PlanterKey.OpenAsync(world, stop))}");
        return ExitStatus.Success;
    }
}
