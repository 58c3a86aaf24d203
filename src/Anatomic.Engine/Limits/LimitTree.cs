using System.Collections.Immutable;

namespace Anatomic.Engine.Limits;

/// <summary>
/// The rate limits of a session: those of the session hold for all classes together, those of a class for its torrents,
/// those of a torrent for its peers. Every byte that travels counts, messages and metadata included. May be used from
/// any loop.
/// </summary>
internal sealed class LimitTree(TimeProvider clock)
{
    private ImmutableDictionary<string, LimitNode> classes = ImmutableDictionary.Create<string, LimitNode>(
        StringComparer.Ordinal
    );

    public LimitNode Session { get; } = new(parent: null, clock);

    /// <summary>The class with the name; it is created when it is new.</summary>
    public LimitNode Class(string name) =>
        ImmutableInterlocked.GetOrAdd(
            ref classes,
            name,
            static (_, session) => new LimitNode(session, session.Clock),
            Session
        );

    /// <summary>Forgets a class. Its limits hold for its torrents until they are moved.</summary>
    public void RemoveClass(string name) => ImmutableInterlocked.TryRemove(ref classes, name, out _);

    /// <summary>Sets the limits of a node in bytes per second; 0: unlimited. Holds at once.</summary>
    public static void SetLimits(LimitNode node, long downBytesPerSecond, long upBytesPerSecond) =>
        node.SetLimits(downBytesPerSecond, upBytesPerSecond);
}
