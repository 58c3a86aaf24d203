using System.Diagnostics.CodeAnalysis;

namespace Anatomic.World;

/// <summary>
/// What a host tells its operator while it runs. An event is a name, a level and typed facts; there is no place in it for an
/// address, a token or a text that came over the network, so that a log can be shown to anybody.
/// </summary>
public interface IJournal
{
    /// <summary>Whether events of this level are kept; facts that cost something to find need not be found when they are not.</summary>
    bool Keeps(JournalLevel level);

    /// <summary>Writes one event; from any thread.</summary>
    /// <param name="level">How much it matters.</param>
    /// <param name="name">What happened, in lower case with dots: <c>plant.taken</c>.</param>
    /// <param name="facts">What is known of it, in their order.</param>
    void Write(JournalLevel level, [ConstantExpected] string name, params ReadOnlySpan<JournalFact> facts);

    /// <summary>
    /// An own bug that nobody awaits: the exception's type and where it was thrown. Its message is left out, for it may quote what
    /// others sent.
    /// </summary>
    void WriteFault(Exception fault);
}

/// <summary>How much an event matters, the least first.</summary>
public enum JournalLevel
{
    /// <summary>For who looks for a cause: every refusal.</summary>
    Debug,

    /// <summary>What changes: plants, partners, registrations, start and end.</summary>
    Info,

    /// <summary>Something does not work, and is tried again.</summary>
    Warning,

    /// <summary>Something does not work, and needs the operator.</summary>
    Error,
}

/// <summary>Keeps nothing: for clients and tests that have no operator.</summary>
public sealed class SilentJournal : IJournal
{
    public static readonly SilentJournal Instance = new();

    private SilentJournal() { }

    public bool Keeps(JournalLevel level) => false;

    public void Write(JournalLevel level, [ConstantExpected] string name, params ReadOnlySpan<JournalFact> facts)
    {
        // Nobody reads it.
    }

    public void WriteFault(Exception fault)
    {
        // Nobody reads it.
    }
}
