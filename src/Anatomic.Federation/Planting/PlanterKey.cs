using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>
/// The planter's master key. Each torrent gets its own key derived from it, so that orders do not link a publisher's
/// torrents. Without the master key nobody can unplant or renew them.
/// </summary>
public sealed class PlanterKey
{
    /// <summary>The store of the key; only its owner may read it.</summary>
    public const string StoreName = "planter";

    private static readonly byte[] MasterKey = "master"u8.ToArray();

    private readonly byte[] master;

    private PlanterKey(byte[] master) => this.master = master;

    /// <summary>Whether this machine has a key; none is created.</summary>
    /// <exception cref="DiskException">The store cannot be opened.</exception>
    public static async Task<bool> ExistsAsync(IWorld world, CancellationToken stop)
    {
        await using var store = await world.Stores.OpenAsync(StoreName, stop);
        return await store.GetAsync("keys", MasterKey, stop) is { Length: TorrentKey.Length };
    }

    /// <summary>Reads the key, or creates one and stores it durably before it is used.</summary>
    /// <exception cref="DiskException">The store cannot be opened or written.</exception>
    public static async Task<PlanterKey> OpenAsync(IWorld world, CancellationToken stop)
    {
        await using var store = await world.Stores.OpenAsync(StoreName, stop);
        var known = await store.GetAsync("keys", MasterKey, stop);
        if (known is { Length: TorrentKey.Length })
        {
            return new PlanterKey(known);
        }
        var fresh = world.Entropy.Fork("planter's master key").Bytes(TorrentKey.Length);
        await store.CommitAsync(new StoreBatch().Put("keys", MasterKey, fresh), stop);
        return new PlanterKey(fresh);
    }

    /// <summary>A key that is not stored, for a demonstration.</summary>
    public static PlanterKey CreateTransient(IWorld world) =>
        new(world.Entropy.Fork("planter's transient key").Bytes(TorrentKey.Length));

    /// <summary>The key as 52 letters of base32, for a backup. Whoever has it can unplant the torrents.</summary>
    public string Export() => Base32.Encode(master);

    /// <summary>Replaces this machine's key by an exported one; false when the text is not a key.</summary>
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
        await store.CommitAsync(new StoreBatch().Put("keys", MasterKey, key), stop);
        return true;
    }

    /// <summary>The signer of one torrent's orders.</summary>
    /// <param name="network">The network that the orders are for.</param>
    /// <param name="first">The torrent's first swarm id, h[0].</param>
    internal ItemSigner SignerFor(ISignatures signatures, NetworkName network, Hash20 first) =>
        new(signatures.Open(TorrentKey.Derive(master, first)), network);
}
