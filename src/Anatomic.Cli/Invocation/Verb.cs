using System.CommandLine;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Invocation;

/// <summary>One verb of the program: its flags, its help with examples, and what it does.</summary>
/// <remarks>
/// <para>To add a flag to a verb, edit the verb's class in <c>Verbs/</c> and document the flag in docs/cli.md:</para>
/// <list type="number">
/// <item>Declare it: <c>private readonly Option&lt;string&gt; output = new("--output", "-o") { … };</c></item>
/// <item>Pass it to <see cref="AddFlags"/> in the constructor, which also puts it into <c>--help</c>.</item>
/// <item>Read it in <see cref="RunAsync"/> with <see cref="VerbContext.Get{T}(Option{T})"/>, and convert text with
/// <c>FlagValues</c>.</item>
/// </list>
/// <para>
/// Environment variable and configuration key follow from its name. A flag that several verbs share belongs to a class
/// in <c>Flags/</c>.
/// </para>
/// </remarks>
internal abstract class Verb : Command
{
    private readonly List<(Option<string[]> Flag, string Alternative)> notImplemented = [];

    protected Verb(string name, string description, params string[] examples)
        : base(name, description) => Examples = examples;

    /// <summary>Complete command lines, shown below the help.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Runs the verb and returns its exit status; an exception becomes a line and a status.</summary>
    /// <exception cref="CliException">The verb failed; the message is for the user.</exception>
    public abstract Task<int> RunAsync(VerbContext context, CancellationToken stop);

    /// <summary>Adds flags, in the order in which <c>--help</c> shows them.</summary>
    internal void AddFlags(params IEnumerable<Option> flags)
    {
        foreach (var flag in flags)
        {
            Add(flag);
        }
    }

    /// <summary>Registers a documented flag whose feature does not exist yet; using it is an error.</summary>
    /// <param name="flag">The name, with its dashes.</param>
    /// <param name="alternative">What the user can do instead.</param>
    internal void AddNotImplemented(string flag, string alternative)
    {
        var option = new Option<string[]>(flag) { Hidden = true, Arity = ArgumentArity.ZeroOrMore };
        notImplemented.Add((option, alternative));
        Add(option);
    }

    internal void RejectNotImplemented(VerbContext context)
    {
        foreach (var (flag, alternative) in notImplemented.Where(entry => context.IsSet(entry.Flag)))
        {
            throw CliException.NotImplemented(flag.Name, alternative);
        }
    }
}
