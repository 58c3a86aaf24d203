using System.Diagnostics.CodeAnalysis;

namespace Anatomic.World;

/// <summary>
/// What a host tells its operator while it runs. An event is a name, a level and typed facts; there is no place in it for an
/// address, a token or a text that came over the network, so that a log can be shown to anybody.
/// </summary>
public interface IEventLog
{
    /// <summary>Whether events of this level are kept; facts that cost something to find need not be found when they are not.</summary>
    bool IsEnabled(EventLevel level);

    /// <summary>Writes one event; from any thread.</summary>
    /// <param name="level">How much it matters.</param>
    /// <param name="name">What happened, in lower case with dots: <c>plant.accepted</c>.</param>
    /// <param name="facts">What is known of it, in their order.</param>
    void Write(EventLevel level, [ConstantExpected] string name, params ReadOnlySpan<EventField> facts);

    /// <summary>
    /// An own bug that nobody awaits: the exception's type and where it was thrown. Its message is left out, for it may quote what
    /// others sent.
    /// </summary>
    void WriteException(Exception fault);
}

/// <summary>How much an event matters, the least first.</summary>
public enum EventLevel
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
public sealed class NullEventLog : IEventLog
{
    public static readonly NullEventLog Instance = new();

    private NullEventLog() { }

    public bool IsEnabled(EventLevel level) => false;

    public void Write(EventLevel level, [ConstantExpected] string name, params ReadOnlySpan<EventField> facts)
    {
        // Nobody reads it.
    }

    public void WriteException(Exception fault)
    {
        // Nobody reads it.
    }
}
