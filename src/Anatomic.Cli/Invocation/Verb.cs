using System.CommandLine;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Invocation;

/// <summary>One verb of the program: its flags, its help with examples, and what it does.</summary>
internal abstract class Verb : Command
{
    private readonly List<(Option<string[]> Flag, string Instead)> unbuilt = [];

    protected Verb(string name, string description, params string[] examples)
        : base(name, description) => Examples = examples;

    /// <summary>Whole command lines, shown under the help.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Does it and returns the exit status; what it throws becomes one line and a status.</summary>
    public abstract Task<int> RunAsync(VerbContext context, CancellationToken stop);

    /// <summary>Refuses a flag of the contract whose feature is not there yet: to ignore it would be to lie.</summary>
    /// <param name="flag">With its dashes.</param>
    /// <param name="instead">What to do meanwhile.</param>
    protected void Unbuilt(string flag, string instead)
    {
        var option = new Option<string[]>(flag) { Hidden = true, Arity = ArgumentArity.ZeroOrMore };
        unbuilt.Add((option, instead));
        Add(option);
    }

    internal void RefuseUnbuilt(VerbContext context)
    {
        foreach (var (flag, instead) in unbuilt.Where(entry => context.IsGiven(entry.Flag)))
        {
            throw CliException.NotBuilt(flag.Name, instead);
        }
    }
}
