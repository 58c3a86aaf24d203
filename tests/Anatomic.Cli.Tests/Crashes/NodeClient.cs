using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;

namespace Anatomic.Cli.Tests.Crashes;

/// <summary>An HTTP client of a node: plants orders, reads the manifest, announces.</summary>
internal sealed class NodeClient(NodeProcess node, ItemReader reader) : IDisposable
{
    private static readonly Hash20 PeerId = new("-AN0001-abcdefghijkl"u8);
    private readonly HttpClient http = new() { BaseAddress = node.Url, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Plants an order. True if a complete, valid receipt arrived; false if the node died before.</summary>
    public async Task<bool> PlantAsync(Signed<PlantOrder> order)
    {
        byte[] body;
        try
        {
            using var content = new ByteArrayContent(new PlantSubmission(order.Envelope).Write());
            using var reply = await http.PostAsync("plant", content);
            body = await reply.Content.ReadAsByteArrayAsync();
            reply.IsSuccessStatusCode.ShouldBeTrue(System.Text.Encoding.UTF8.GetString(body));
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException)
        {
            return false;
        }
        reader.TryRead<Receipt>(body, DateTimeOffset.UtcNow, out var receipt, out var fault).ShouldBeTrue($"{fault}");
        (receipt!.Item.Order, receipt.Signer).ShouldBe((order.Digest, node.Id));
        return true;
    }

    /// <summary>Reads the manifest: the digests of all orders that the node holds.</summary>
    public async Task<HashSet<Hash32>> ManifestAsync()
    {
        var held = new HashSet<Hash32>();
        var (epoch, since) = (0L, 0L);
        while (true)
        {
            var bytes = await http.GetByteArrayAsync($"plants?epoch={epoch}&since={since}");
            ManifestPage.TryRead(bytes, out var page, out var fault).ShouldBeTrue($"{fault}");
            ManifestHead.TryRead(page!.Head.Value, out var head, out fault).ShouldBeTrue($"{fault}");
            epoch = head!.Epoch;
            foreach (var entry in page.Entries)
            {
                since = entry.Seq;
                entry.Op.ShouldBe(ManifestOp.Planted);
                held.Add(entry.Order);
            }
            if (since >= head.Seq)
            {
                held.Count.ShouldBe((int)head.Count);
                return held;
            }
        }
    }

    /// <summary>Announces to a torrent; returns the failure reason, or null for success.</summary>
    public async Task<string?> FailureOfAnnounceAsync(Hash20 swarm)
    {
        var request = new AnnounceRequest
        {
            Swarm = swarm,
            PeerId = PeerId,
            Port = 6881,
            LeftBytes = 1,
        };
        var body = await http.GetByteArrayAsync(HttpClientCodec.Announce($"{node.Url}announce", request));
        HttpClientCodec.TryReadAnnounce(body, out var reply, out var fault).ShouldBeTrue($"{fault}");
        return reply!.FailureReason;
    }

    public void Dispose() => http.Dispose();
}
