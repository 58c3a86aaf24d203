using System.Text;
using Anatomic.Federation;
using Anatomic.Federation.Lookup;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>A supernode in the user's list.</summary>
/// <param name="Address">The supernode as <c>URL#id</c>.</param>
/// <param name="IsPinned">Whether the user added it; an update never removes such a supernode.</param>
public sealed record KnownSupernode(string Address, bool IsPinned);

/// <summary>The changes of an update.</summary>
/// <param name="Added">New supernodes.</param>
/// <param name="Dropped">Removed supernodes, which fewer than two pinned ones still name.</param>
/// <param name="Failures">One message for each pinned supernode that did not answer.</param>
public sealed record SupernodeUpdate(
    IReadOnlyList<string> Added,
    IReadOnlyList<string> Dropped,
    IReadOnlyList<string> Failures
);

/// <summary>
/// The supernodes of a network that this machine knows: those that the user pinned, and those that at least two pinned
/// ones name, so that a single lying supernode cannot add one.
/// </summary>
public static class SupernodeList
{
    private const string StoreName = "network";
    private const string Table = "supernodes";
    private const int MinWitnesses = 2;
    private const int MaxKnown = 1_000; // far more than a client ever asks

    /// <summary>Reads the list: pinned supernodes first, then sorted by address.</summary>
    public static async Task<IReadOnlyList<KnownSupernode>> ReadAsync(
        IWorld world,
        NetworkName network,
        CancellationToken stop
    )
    {
        await using var store = await world.Stores.OpenAsync(StoreName, stop);
        var prefix = $"{network.Text}\n";
        var rows = await store.ListAsync(Table, Encoding.UTF8.GetBytes(prefix), MaxKnown, stop);
        return
        [
            .. rows.Select(row => (Text: Encoding.UTF8.GetString(row.Key), row.Value))
                .Where(row => row.Text.StartsWith(prefix, StringComparison.Ordinal))
                .Select(row => new KnownSupernode(row.Text[prefix.Length..], row.Value is [1]))
                .OrderByDescending(known => known.IsPinned)
                .ThenBy(known => known.Address, StringComparer.Ordinal),
        ];
    }

    /// <summary>Verifies a supernode's id and pins it; returns it as <c>URL#id</c>.</summary>
    /// <exception cref="HostException">The address is malformed.</exception>
    /// <exception cref="NetworkException">The supernode does not answer, or has another id.</exception>
    public static async Task<string> PinAsync(
        IWorld world,
        NetworkOptions network,
        string address,
        CancellationToken stop
    )
    {
        if (!SupernodeReference.TryParse(address, network.Name, out var written, out var fault))
        {
            throw new HostException(HostFault.Option, $"the supernode '{address}' cannot be used: {fault}");
        }
        var proven = (await new SupernodeClient(world, network).ProveAsync(written, stop)).ToString();
        await using var store = await world.Stores.OpenAsync(StoreName, stop);
        await store.CommitAsync(new StoreBatch().Put(Table, Key(network.Name, proven), (byte[])[1]), stop);
        return proven;
    }

    /// <summary>Asks the pinned supernodes which others they know, and updates the list.</summary>
    /// <exception cref="NetworkException">No pinned supernode answers, or none is pinned.</exception>
    public static async Task<SupernodeUpdate> UpdateAsync(IWorld world, NetworkOptions network, CancellationToken stop)
    {
        var known = await ReadAsync(world, network.Name, stop);
        var pinned = known.Where(supernode => supernode.IsPinned).Select(supernode => supernode.Address).ToList();
        var votes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var failures = new List<string>();
        foreach (var address in pinned)
        {
            try
            {
                foreach (var named in await NamedByAsync(world, network, address, stop))
                {
                    votes[named] = votes.GetValueOrDefault(named) + 1;
                }
            }
            catch (NetworkException fault)
            {
                failures.Add(fault.Message);
            }
        }
        if (failures.Count == pinned.Count)
        {
            throw new NetworkException(
                failures.FirstOrDefault() ?? "no supernode is pinned; 'anatomic network add URL#id' pins one"
            );
        }
        var witnessed = votes.Where(vote => vote.Value >= MinWitnesses).Select(vote => vote.Key).ToList();
        var learned = known.Where(supernode => !supernode.IsPinned).Select(supernode => supernode.Address).ToList();
        List<string> added = [.. witnessed.Except(pinned).Except(learned)];
        // A silent supernode may know them still, so none is dropped until all pinned ones answer.
        List<string> dropped = failures.Count > 0 ? [] : [.. learned.Except(witnessed)];
        await SaveAsync(world, network.Name, added, dropped, stop);
        return new SupernodeUpdate(added, dropped, failures);
    }

    private static async Task<IEnumerable<string>> NamedByAsync(
        IWorld world,
        NetworkOptions network,
        string address,
        CancellationToken stop
    )
    {
        if (!SupernodeReference.TryParse(address, network.Name, out var written, out _))
        {
            return [];
        }
        var client = new SupernodeClient(world, network);
        var proven = await client.ProveAsync(written, stop);
        var records = await client.SupernodesAsync(proven, stop);
        return records.Select(record => $"{record.Item.Urls[0].AbsoluteUri}#{record.Signer}").Distinct();
    }

    private static async Task SaveAsync(
        IWorld world,
        NetworkName network,
        List<string> added,
        List<string> dropped,
        CancellationToken stop
    )
    {
        var batch = new StoreBatch();
        foreach (var address in added)
        {
            batch.Put(Table, Key(network, address), (byte[])[0]);
        }
        foreach (var address in dropped)
        {
            batch.Delete(Table, Key(network, address));
        }
        await using var store = await world.Stores.OpenAsync(StoreName, stop);
        await store.CommitAsync(batch, stop);
    }

    private static byte[] Key(NetworkName network, string address) =>
        Encoding.UTF8.GetBytes($"{network.Text}\n{address}");
}
