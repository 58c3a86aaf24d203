using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>
/// A node's private key, created on its first start and kept in a store that only its owner can read.
/// </summary>
internal static class HostIdentity
{
    private const string StoreName = "identity";
    private const string Table = "keys";
    private static readonly byte[] RowKey = "node"u8.ToArray();

    /// <summary>Returns the private scalar, 32 bytes. A new one is durable before it is returned.</summary>
    public static async Task<byte[]> OpenAsync(IWorld world, CancellationToken stop)
    {
        await using var store = await world.Stores.OpenAsync(StoreName, stop);
        if (await store.GetAsync(Table, RowKey, stop) is { } key)
        {
            return key;
        }
        var created = world.Signatures.CreateKey();
        await store.CommitAsync(new StoreBatch().Put(Table, RowKey, created), stop);
        return created;
    }
}
