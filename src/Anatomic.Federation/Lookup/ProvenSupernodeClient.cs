using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire.Identity;
using Anatomic.World;

namespace Anatomic.Federation.Lookup;

/// <summary>Requests to supernodes that must prove their id each time before they are told or believed anything.</summary>
public sealed class ProvenSupernodeClient(IWorld world, PublicHttpClient exchange, ItemReader reader)
{
    private readonly IdChallenge challenge = new(world, exchange, reader);

    /// <summary>Challenges, then asks. Throws <see cref="NetworkException"/> when it is another one, or does not answer.</summary>
    public async Task<HttpResponse> SendAsync(SupernodeAddress supernode, OutboundRequest ask, CancellationToken stop)
    {
        var id = await challenge.IdentifyAsync(supernode.Url, stop);
        if (id != supernode.Id)
        {
            throw new NetworkException(OtherId(supernode.Url, supernode.Id, id));
        }
        return (await exchange.SendAsync(ask, stop)).Response;
    }

    /// <summary>What a person is told when an address is answered by somebody else.</summary>
    internal static string OtherId(Uri url, NodeId expected, NodeId found) =>
        $"{url} is not the supernode {expected.Short}…: it answers with the id {found}. Ask its operator for the address with the present id";
}
