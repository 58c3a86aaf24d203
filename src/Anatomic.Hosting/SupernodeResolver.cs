using Anatomic.Federation;
using Anatomic.Federation.Lookup;
using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire.Identity;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>Turns supernodes as users write them, <c>URL#id</c>, into addresses with ids.</summary>
public static class SupernodeResolver
{
    // Private networks are started by hand, in any order, so a supernode gets some time to start.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Resolves each name. A missing id is requested from the supernode, on private networks only.</summary>
    /// <exception cref="HostException">A name is malformed, or lacks its id on a public network.</exception>
    /// <exception cref="NetworkException">A supernode that was named without its id does not answer.</exception>
    public static async Task<IReadOnlyList<SupernodeAddress>> ResolveAsync(
        IWorld world,
        NetworkOptions network,
        IReadOnlyList<string> names,
        CancellationToken stop
    )
    {
        var resolved = new List<SupernodeAddress>(names.Count);
        foreach (var name in names)
        {
            if (name.Contains('#', StringComparison.Ordinal))
            {
                resolved.Add(
                    SupernodeAddress.TryParse(name, out var address, out var fault)
                        ? address
                        : throw new HostException(HostFault.Option, $"the supernode '{name}' cannot be used: {fault}")
                );
                continue;
            }
            if (!BaseUrl.TryParse(name, out var url, out var urlFault))
            {
                throw new HostException(HostFault.Option, $"the supernode '{name}' cannot be used: {urlFault}");
            }
            if (!network.Name.IsPrivate)
            {
                throw new HostException(
                    HostFault.Option,
                    $"the supernode '{name}' lacks its id: on a public network write it as https://host/#id"
                );
            }
            resolved.Add(new SupernodeAddress(url, await RequestIdAsync(world, network, url, stop)));
        }
        return resolved;
    }

    private static async Task<NodeId> RequestIdAsync(
        IWorld world,
        NetworkOptions network,
        Uri url,
        CancellationToken stop
    )
    {
        var challenge = new IdChallenge(
            world,
            new PublicHttpClient(world, network),
            new ItemReader(world.Signatures, network.Name)
        );
        var started = world.Clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await challenge.IdentifyAsync(url, stop);
            }
            catch (NetworkException) when (world.Clock.GetElapsedTime(started) < StartTimeout)
            {
                await Task.Delay(RetryInterval, world.Clock, stop);
            }
            catch (NetworkException fault)
            {
                throw new NetworkException(
                    $"{fault.Message}: start that supernode first, or write its id after its URL",
                    fault
                );
            }
        }
    }
}
