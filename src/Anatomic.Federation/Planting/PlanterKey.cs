using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>
/// The planter's master key. Each torrent gets a key of its own derived from it, so that orders do not link a publisher's
/// torrents; without the master key there is no unplanting and no renewing.
/// </summary>
public sealed class PlanterKey
{
    /// <summary>The store that keeps it, with owner-only rights.</summary>
    public const string StoreName = "planter";

    private PlanterKey() { }

    /// <summary>Reads the key, or makes one and keeps it durably before it is used.</summary>
    public static Task<PlanterKey> OpenAsync(IWorld world, CancellationToken stop) =>
        throw new NotSupportedException("comes within the hour");

    /// <summary>The key as a person keeps it: 52 letters of base32.</summary>
    public string Export() => throw new NotSupportedException("comes within the hour");

    /// <summary>Puts an exported key in the place of this machine's; false when the text is no key.</summary>
    public static Task<bool> ImportAsync(IWorld world, string exported, CancellationToken stop) =>
        throw new NotSupportedException("comes within the hour");
}
