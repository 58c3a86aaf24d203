using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
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
    private readonly Option<string> state = Flags.State();

    public KeyShowVerb()
        : base("show", "Show the key's fingerprint and where it is kept", "anatomic key show") => Add(state);

    public override async Task<int> RunAsync(Call call, CancellationToken stop)
    {
        await using var world = call.OpenWorld(state);
        var key = await PlanterKey.OpenAsync(world, stop);
        call.Reporter.Line($"fingerprint  {KeyVerbs.FingerprintOf(key)}");
        call.Reporter.Line($"kept in      {call.StateFolder(state)}");
        call.Reporter.Line(
            "             'anatomic key export' shows the key itself; keep a copy where nobody else looks"
        );
        return Exit.Done;
    }
}

internal sealed class KeyExportVerb : Verb
{
    private readonly Option<string> state = Flags.State();

    public KeyExportVerb()
        : base(
            "export",
            "Write the key itself to standard output; whoever has it can unplant",
            "anatomic key export > planter.key"
        ) => Add(state);

    public override async Task<int> RunAsync(Call call, CancellationToken stop)
    {
        await using var world = call.OpenWorld(state);
        call.Reporter.Line((await PlanterKey.OpenAsync(world, stop)).Export());
        return Exit.Done;
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

    private readonly Option<string> state = Flags.State();

    public KeyImportVerb()
        : base("import", "Put an exported key in the place of this machine's", "anatomic key import < planter.key")
    {
        Add(file);
        Add(replace);
        Add(state);
    }

    public override async Task<int> RunAsync(Call call, CancellationToken stop)
    {
        await using var world = call.OpenWorld(state);
        var text = call.Get(file) is { Length: > 0 } name
            ? Encoding.ASCII.GetString(
                await World.DiskReading.ReadAllAsync(world.Disk, call.FullPath(name), MaxFileBytes, stop)
            )
            : await call.Surroundings.Input.ReadLineAsync(stop) ?? "";
        if (await PlanterKey.ExistsAsync(world, stop) && !call.Get(replace))
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
        call.Reporter.Line($"imported: {KeyVerbs.FingerprintOf(await PlanterKey.OpenAsync(world, stop))}");
        return Exit.Done;
    }
}
