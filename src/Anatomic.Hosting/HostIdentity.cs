using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>A node's private key, made on its first start and kept in its store, which only its owner can read.</summary>
internal static class HostIdentity
{
    private const string StoreName = "identity";
    private const string Table = "keys";
    private static readonly byte[] Row = "node"u8.ToArray();

    /// <summary>The private scalar of 32 bytes; durable before it is used.</summary>
    public static async Task<byte[]> OpenAsync(IWorld world, CancellationToken stop)
    {
        await using var store = await world.Stores.OpenAsync(StoreName, stop);
        if (await store.GetAsync(Table, Row, stop) is { } kept)
        {
            return kept;
        }
        var made = world.Signatures.CreateKey();
        await store.CommitAsync(new StoreBatch().Put(Table, Row, made), stop);
        return made;
    }
}
