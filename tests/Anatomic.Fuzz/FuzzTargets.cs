using Anatomic.Fuzz.Targets;

namespace Anatomic.Fuzz;

/// <summary>All decoders of input from outside.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<IFuzzTarget> Targets { get; } =
    [
        new BencodeTarget(),
        new MetainfoTarget(),
        new MagnetTarget(),
        new ProxyHeaderTarget(),
        new IdentityTarget(),
        new NetworkItemTarget(),
        new PeerTarget(),
        new PeerStreamTarget(),
        new DialogueTarget(),
        new HttpRequestTarget(),
        new HttpReplyTarget(),
        new UdpRequestTarget(),
        new UdpReplyTarget(),
        new FederationTarget(),
        new SnapshotTarget(),
    ];
}
