using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Planting;

/// <summary>The manifest that a lying node returns to one poll.</summary>
internal sealed record FalseManifest(long Epoch, long Seq, long Count, IReadOnlyList<ManifestEntry> Entries);

/// <summary>A node that proves its id, and returns false manifests.</summary>
internal sealed class LyingNode(IWorld world, Uri url, Func<long, FalseManifest> manifestSince) : IRequestHandler
{
    private readonly ItemSigner signer = new(
        world.Signatures.Open(world.Signatures.CreateKey()),
        NetworkName.TryParse(FederationTestNetwork.Name, out var name, out _) ? name : NetworkName.Main
    );

    public NodeId Id => signer.Id;

    /// <summary>The orders that it returns to every request.</summary>
    public IReadOnlyList<SignedItem> Bodies { get; init; } = [];

    public int Polls { get; private set; }

    public Signed<NodeRecord> Record(Endpoint at) =>
        signer.Sign(
            new NodeRecord
            {
                Role = NodeRole.Node,
                Urls = [url],
                Addresses = [at],
                Seq = 1,
                Work = 8,
            }
        );

    public ValueTask<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop) =>
        ValueTask.FromResult(
            request.Path switch
            {
                "/plants" => HttpResponse.Of(200, "", Manifest(request.Query)),
                "/orders" => HttpResponse.Of(200, "", new OrdersResponse(Bodies, []).Write()),
                _ => HttpResponse.Of(404, "", default),
            }
        );

    private byte[] Manifest(string query)
    {
        Polls++;
        var parts = query.Split('&').Select(part => part.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        var manifest = manifestSince(long.Parse(parts["since"]));
        var head = signer.Sign(
            new ManifestHead
            {
                Epoch = manifest.Epoch,
                Seq = manifest.Seq,
                Floor = 0,
                Count = manifest.Count,
                Digest = default,
                RecordSeq = 1,
                Nonce = Convert.FromHexString(parts["nonce"]),
                At = world.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
            }
        );
        return new ManifestPage(head.Envelope, manifest.Entries).Write();
    }
}
