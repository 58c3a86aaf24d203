using Anatomic.Fuzz.Targets;

namespace Anatomic.Fuzz;

/// <summary>Every decoder that takes bytes from outside.</summary>
internal static class Registry
{
    public static IReadOnlyList<IFuzzTarget> Targets { get; } =
    [new BencodeTarget(), new MetainfoTarget(), new MagnetTarget(), new NetworkItemTarget(), new PeerTarget()];
}
