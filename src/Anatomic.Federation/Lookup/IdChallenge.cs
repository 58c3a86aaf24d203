using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Lookup;

/// <summary>
/// Challenges the server at a URL to prove its id: it must sign a manifest head with our nonce, which works over plain
/// http too. Nodes and supernodes answer alike (<c>GET /plants?nonce=</c>); the manifest of a supernode is empty.
/// </summary>
public sealed class IdChallenge(IWorld world, PublicHttpClient http, ItemReader reader)
{
    private const int NonceBytes = 16;

    /// <summary>The id that the server proves.</summary>
    /// <exception cref="NetworkException">It does not answer, or its answer is invalid.</exception>
    public async Task<NodeId> IdentifyAsync(Uri url, CancellationToken stop)
    {
        var nonce = world.Entropy.Bytes(NonceBytes);
        var request = new OutboundRequest
        {
            Url = new Uri(url, $"plants?epoch=0&since=0&nonce={Convert.ToHexStringLower(nonce)}"),
            MaxResponseBytes = NetworkLimits.MaxPageBytes,
        };
        var received = await http.SendAsync(request, stop);
        Fault? fault = null;
        if (
            received.Response.Status != 200
            || !ManifestPage.TryRead(received.Response.Body, out var page, out fault)
            || !reader.TryRead<ManifestHead>(page.Head, world.Clock.GetUtcNow(), out var head, out fault)
            || !head.Item.Nonce.Span.SequenceEqual(nonce)
        )
        {
            var reason = fault is null ? "" : $": {fault}";
            throw new NetworkException($"{url} is not a supernode of the network '{reader.Network}'{reason}");
        }
        return head.Signer;
    }

    /// <summary>Whether the server proves this id.</summary>
    /// <exception cref="NetworkException">It does not answer, or its answer is invalid.</exception>
    public async Task<bool> VerifyAsync(Uri url, NodeId id, CancellationToken stop) =>
        await IdentifyAsync(url, stop) == id;
}
