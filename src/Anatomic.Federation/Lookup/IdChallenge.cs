using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Lookup;

/// <summary>
/// Asks who answers at a url: a head signed with our nonce proves the id, over plain http too. Nodes and supernodes answer it
/// alike (<c>GET /plants?nonce=</c>); a supernode's manifest is empty.
/// </summary>
public sealed class IdChallenge(IWorld world, PublicHttpClient exchange, ItemReader reader)
{
    private const int NonceBytes = 16;

    /// <summary>The id that the url proves. Throws <see cref="NetworkException"/> when it does not answer, or wrongly.</summary>
    public async Task<NodeId> IdentifyAsync(Uri url, CancellationToken stop)
    {
        var nonce = world.Entropy.Bytes(NonceBytes);
        var ask = new OutboundRequest
        {
            Url = new Uri(url, $"plants?epoch=0&since=0&nonce={Convert.ToHexStringLower(nonce)}"),
            MaxResponseBytes = NetworkLimits.MaxPageBytes,
        };
        var received = await exchange.SendAsync(ask, stop);
        Fault? fault = null;
        if (
            received.Response.Status != 200
            || !ManifestPage.TryRead(received.Response.Body, out var page, out fault)
            || !reader.TryRead<ManifestHead>(page.Head, world.Clock.GetUtcNow(), out var head, out fault)
            || !head.Item.Nonce.Span.SequenceEqual(nonce)
        )
        {
            var why = fault is null ? "" : $": {fault}";
            throw new NetworkException(
                $"{url} does not answer as a supernode of the network '{reader.Network}' does{why}"
            );
        }
        return head.Signer;
    }

    /// <summary>Whether the url proves this id.</summary>
    public async Task<bool> VerifyAsync(Uri url, NodeId id, CancellationToken stop) =>
        await IdentifyAsync(url, stop) == id;
}
