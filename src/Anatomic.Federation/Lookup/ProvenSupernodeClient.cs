using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire.Identity;
using Anatomic.World;

namespace Anatomic.Federation.Lookup;

/// <summary>Sends requests to supernodes, each of which must prove its id before every request.</summary>
public sealed class ProvenSupernodeClient(IWorld world, PublicHttpClient http, ItemReader reader)
{
    private readonly IdChallenge challenge = new(world, http, reader);

    /// <summary>Challenges the supernode, then sends the request.</summary>
    /// <exception cref="NetworkException">The supernode does not answer, or has another id.</exception>
    public async Task<HttpResponse> SendAsync(
        SupernodeAddress supernode,
        OutboundRequest request,
        CancellationToken stop
    )
    {
        var id = await challenge.IdentifyAsync(supernode.Url, stop);
        if (id != supernode.Id)
        {
            throw new NetworkException(OtherId(supernode.Url, supernode.Id, id));
        }
        return (await http.SendAsync(request, stop)).Response;
    }

    /// <summary>The message for a person when a server has another id than expected.</summary>
    internal static string OtherId(Uri url, NodeId expected, NodeId found) =>
        $"{url} is not the supernode {expected.Short}…: its id is {found}; ask its operator for the current address";
}
