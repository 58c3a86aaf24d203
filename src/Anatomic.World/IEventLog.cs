using System.Diagnostics.CodeAnalysis;

namespace Anatomic.World;

/// <summary>
/// The log a host writes for its operator. An event is a name, a level and typed fields. It has no room for addresses,
/// tokens or text from the network, so a log can be shown to anybody.
/// </summary>
public interface IEventLog
{
    /// <summary>
    /// Whether events of this level are written. Callers may skip fields that are expensive to compute when they are
    /// not.
    /// </summary>
    bool IsEnabled(EventLevel level);

    /// <summary>Writes one event; may be called from any thread.</summary>
    /// <param name="level">Its severity.</param>
    /// <param name="name">What happened, in lower case with dots: <c>plant.accepted</c>.</param>
    /// <param name="fields">Its fields, in order.</param>
    void Write(EventLevel level, [ConstantExpected] string name, params ReadOnlySpan<EventField> fields);

    /// <summary>
    /// Writes an unobserved internal error: the exception's type and stack trace. Its message is left out because it
    /// may quote input from the network.
    /// </summary>
    void WriteException(Exception fault);
}

/// <summary>Severity of an event, in ascending order.</summary>
public enum EventLevel
{
    /// <summary>Diagnostics: every rejection.</summary>
    Debug,

    /// <summary>Changes: plants, partners, registrations, start and stop.</summary>
    Info,

    /// <summary>Something failed and will be retried.</summary>
    Warning,

    /// <summary>Something failed and needs the operator.</summary>
    Error,
}

/// <summary>Discards all events, for clients and tests without an operator.</summary>
public sealed class NullEventLog : IEventLog
{
    public static readonly NullEventLog Instance = new();

    private NullEventLog() { }

    public bool IsEnabled(EventLevel level) => false;

    public void Write(EventLevel level, [ConstantExpected] string name, params ReadOnlySpan<EventField> fields)
    {
        // Discarded.
    }

    public void WriteException(Exception fault)
    {
        // Discarded.
    }
}
