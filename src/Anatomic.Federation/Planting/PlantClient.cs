using Anatomic.Federation.Lookup;
using Anatomic.Federation.Supernodes;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>What a node said to an order.</summary>
/// <param name="Receipt">Null: it does not hold it.</param>
/// <param name="Refusal">Why not, for a person; null when it holds it.</param>
/// <param name="Answered">It answered at all.</param>
/// <param name="NewerAt">The time of a newer order of the same key that it holds.</param>
internal sealed record PlantAttempt(
    Signed<NodeRecord> Node,
    Signed<Receipt>? Receipt,
    string? Refusal = null,
    bool Answered = true,
    long? NewerAt = null
);

/// <summary>Talks to nodes as a planter does: <c>POST /plant</c>, <c>POST /unplant</c>.</summary>
internal sealed class PlantClient(IWorld world, SupernodeClient client)
{
    public async Task<PlantAttempt> OfferAsync(
        Signed<NodeRecord> node,
        Signed<PlantOrder> order,
        CancellationToken stop
    )
    {
        HttpResponse reply;
        try
        {
            reply = await PostAsync(node, "plant", new PlantSubmission(order.Envelope).Write(), stop);
        }
        catch (NetworkException e)
        {
            return new PlantAttempt(node, null, e.Message, Answered: false);
        }
        if (reply.Status != 200)
        {
            return Refusal(node, order, reply);
        }
        if (
            !client.Reader.TryRead<Receipt>(reply.Body, world.Clock.GetUtcNow(), out var receipt, out var fault)
            || receipt.Signer != node.Signer
            || receipt.Item.Node != node.Signer
            || receipt.Item.Order != order.Digest
        )
        {
            return new PlantAttempt(node, null, $"its receipt is wrong{(fault is null ? "" : $": {fault}")}");
        }
        return new PlantAttempt(node, receipt);
    }

    /// <summary>True: it has confirmed; false: it refused; null: no answer.</summary>
    public async Task<bool?> WithdrawAsync(
        Signed<NodeRecord> node,
        Signed<Unplant> unplant,
        Signed<PlantOrder> order,
        CancellationToken stop
    )
    {
        try
        {
            var body = new UnplantSubmission(unplant.Envelope, order.Envelope).Write();
            return (await PostAsync(node, "unplant", body, stop)).Status == 200;
        }
        catch (NetworkException)
        {
            return null;
        }
    }

    private async Task<HttpResponse> PostAsync(
        Signed<NodeRecord> node,
        string path,
        byte[] body,
        CancellationToken stop
    )
    {
        var ask = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(node.Item.Urls[0], path),
            Body = body,
            Timeout = PlantLimits.PlantDeadline,
        };
        return (await client.Http.SendToAsync(ask, Member.AddressOf(node.Item), stop)).Response;
    }

    /// <summary>A 409 carries what stands against the order: perhaps a newer one of the same key.</summary>
    private PlantAttempt Refusal(Signed<NodeRecord> node, Signed<PlantOrder> order, HttpResponse reply)
    {
        if (
            reply.Status != 409
            || !BencodeValue.TryParse(reply.Body, BencodeMode.Strict, out var body, out _)
            || !body.TryGetText("reason"u8, out var reason)
        )
        {
            return new PlantAttempt(node, null, SafeText.Of(reply));
        }
        var newer =
            body.Find("order"u8) is { } value
            && SignedItem.TryRead(value, out var envelope, out _)
            && client.Reader.TryRead<PlantOrder>(envelope, world.Clock.GetUtcNow(), out var known, out _)
            && known.Signer == order.Signer
                ? known.Item.At
                : (long?)null;
        return new PlantAttempt(node, null, SafeText.Clean(reason), NewerAt: newer);
    }
}
