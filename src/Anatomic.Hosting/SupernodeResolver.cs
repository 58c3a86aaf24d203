using Anatomic.Federation;
using Anatomic.Federation.Lookup;
using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire.Identity;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>Supernodes as people write them, <c>URL#id</c>, made into addresses with ids.</summary>
public static class SupernodeResolver
{
    /// <summary>Private networks start by hand, in any order: a supernode is given so long to come up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>On private networks a missing id is asked for; on public ones it is a fault.</summary>
    /// <exception cref="HostException">A name makes no sense.</exception>
    /// <exception cref="NetworkException">A supernode without an id does not answer.</exception>
    public static async Task<IReadOnlyList<SupernodeAddress>> ResolveAsync(
        IWorld world,
        NetworkOptions network,
        IReadOnlyList<string> names,
        CancellationToken stop
    )
    {
        var found = new List<SupernodeAddress>(names.Count);
        foreach (var name in names)
        {
            if (name.Contains('#', StringComparison.Ordinal))
            {
                found.Add(
                    SupernodeAddress.TryParse(name, out var address, out var fault)
                        ? address
                        : throw new HostException(HostFault.Option, $"the supernode '{name}' cannot be used: {fault}")
                );
                continue;
            }
            if (!BaseUrl.TryParse(name, out var url, out var wrong))
            {
                throw new HostException(HostFault.Option, $"the supernode '{name}' cannot be used: {wrong}");
            }
            if (!network.Name.IsPrivate)
            {
                throw new HostException(
                    HostFault.Option,
                    $"the supernode '{name}' lacks its id: on a public network write it as https://host/#id"
                );
            }
            found.Add(new SupernodeAddress(url, await AskAsync(world, network, url, stop)));
        }
        return found;
    }

    private static async Task<NodeId> AskAsync(IWorld world, NetworkOptions network, Uri url, CancellationToken stop)
    {
        var challenge = new IdChallenge(
            world,
            new PublicHttpClient(world, network),
            new ItemReader(world.Signatures, network.Name)
        );
        var began = world.Clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await challenge.IdentifyAsync(url, stop);
            }
            catch (NetworkException) when (world.Clock.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Pause, world.Clock, stop);
            }
            catch (NetworkException fault)
            {
                throw new NetworkException(
                    $"{fault.Message}: start that supernode first, or name it with its id",
                    fault
                );
            }
        }
    }
}
