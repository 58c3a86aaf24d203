using Anatomic.Engine.Peers;
using Anatomic.Wire;

namespace Anatomic.Engine.Extensions;

/// <summary>
/// The extensions that a torrent offers its peers (BEP 10): the one place that gives out ids and passes on messages.
/// Each peer has its own ids for the messages to it, in its handshake.
/// </summary>
internal sealed class ExtensionRegistry
{
    // The local id is the position, from 1.
    private readonly List<Extension> extensions = [];

    /// <summary>Our ids by name, for our handshake.</summary>
    public IReadOnlyDictionary<string, byte> LocalIds =>
        extensions.ToDictionary(extension => extension.Name, extension => extension.LocalId);

    /// <summary>Adds an extension; all are registered before the first handshake is sent.</summary>
    public Extension Register(string name, Func<Peer, ReadOnlyMemory<byte>, Fault?> received)
    {
        Invariant.Holds(extensions.TrueForAll(other => other.Name != name) && extensions.Count < byte.MaxValue);
        var extension = new Extension(name, (byte)(extensions.Count + 1), received);
        extensions.Add(extension);
        return extension;
    }

    /// <summary>
    /// Passes a message to its extension. One that we did not announce is ignored; some clients send those anyway.
    /// </summary>
    public Fault? Receive(Peer peer, int localId, ReadOnlySpan<byte> payload) =>
        localId > 0 && localId <= extensions.Count ? extensions[localId - 1].Receive(peer, payload.ToArray()) : null;
}
