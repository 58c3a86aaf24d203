using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
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

    private static readonly byte[] Row = "master"u8.ToArray();

    private readonly byte[] master;

    private PlanterKey(byte[] master) => this.master = master;

    /// <summary>Whether a key is here already; none is made.</summary>
    /// <exception cref="DiskException">The store cannot be opened.</exception>
    public static async Task<bool> ExistsAsync(IWorld world, CancellationToken stop)
    {
        await using var store = await world.Stores.OpenAsync(StoreName, stop);
        return await store.GetAsync("keys", Row, stop) is { Length: TorrentKey.Length };
    }

    /// <summary>Reads the key, or makes one and keeps it durably before it is used.</summary>
    /// <exception cref="DiskException">The store cannot be opened or written.</exception>
    public static async Task<PlanterKey> OpenAsync(IWorld world, CancellationToken stop)
    {
        await using var store = await world.Stores.OpenAsync(StoreName, stop);
        var known = await store.GetAsync("keys", Row, stop);
        if (known is { Length: TorrentKey.Length })
        {
            return new PlanterKey(known);
        }
        var fresh = world.Entropy.Fork("planter's master key").Bytes(TorrentKey.Length);
        await store.CommitAsync(new StoreBatch().Put("keys", Row, fresh), stop);
        return new PlanterKey(fresh);
    }

    /// <summary>A key that is kept nowhere: for a demonstration.</summary>
    public static PlanterKey CreateTransient(IWorld world) =>
        new(world.Entropy.Fork("planter's passing key").Bytes(TorrentKey.Length));

    /// <summary>The key as a person keeps it: 52 letters of base32. Whoever has it can unplant.</summary>
    public string Export() => Base32.Encode(master);

    /// <summary>Puts an exported key in the place of this machine's; false when the text is no key.</summary>
    /// <exception cref="DiskException">The store cannot be opened or written.</exception>
    public static async Task<bool> ImportAsync(IWorld world, string exported, CancellationToken stop)
    {
        var key = new byte[TorrentKey.Length];
        var text = exported.Trim();
        if (text.Length != NodeId.TextLength || !Base32.TryDecode(text, key))
        {
            return false;
        }
        await using var store = await world.Stores.OpenAsync(StoreName, stop);
        await store.CommitAsync(new StoreBatch().Put("keys", Row, key), stop);
        return true;
    }

    /// <summary>The signer of one torrent's orders.</summary>
    /// <param name="signatures">The world's.</param>
    /// <param name="network">The network that the orders are for.</param>
    /// <param name="first">The torrent's first swarm id, h[0].</param>
    internal ItemSigner SignerOf(ISignatures signatures, NetworkName network, Hash20 first) =>
        new(signatures.Open(TorrentKey.Derive(master, first)), network);
}
