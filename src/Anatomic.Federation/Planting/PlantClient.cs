using Anatomic.Federation.Lookup;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>A node's response to an order.</summary>
/// <param name="Receipt">Null: the node does not hold the order.</param>
/// <param name="Rejection">The reason, for a person; null when the node holds the order.</param>
/// <param name="Answered">False: the node could not be reached.</param>
/// <param name="NewerAt">The time of a newer order of the same key that the node holds; null without one.</param>
internal sealed record PlantAttempt(
    Signed<NodeRecord> Node,
    Signed<Receipt>? Receipt,
    string? Rejection = null,
    bool Answered = true,
    long? NewerAt = null
);

/// <summary>Sends a planter's requests to nodes: <c>POST /plant</c>, <c>POST /unplant</c>.</summary>
internal sealed class PlantClient(IWorld world, SupernodeClient client)
{
    public async Task<PlantAttempt> PlantAsync(
        Signed<NodeRecord> node,
        Signed<PlantOrder> order,
        CancellationToken stop
    )
    {
        HttpResponse response;
        try
        {
            response = await PostAsync(node, "plant", new PlantSubmission(order.Envelope).Write(), stop);
        }
        catch (NetworkException e)
        {
            return new PlantAttempt(node, null, e.Message, Answered: false);
        }
        if (response.Status != 200)
        {
            return Rejected(node, order, response);
        }
        if (
            !client.Reader.TryRead<Receipt>(response.Body, world.Clock.GetUtcNow(), out var receipt, out var fault)
            || receipt.Signer != node.Signer
            || receipt.Item.Node != node.Signer
            || receipt.Item.Order != order.Digest
        )
        {
            return new PlantAttempt(node, null, $"its receipt is invalid{(fault is null ? "" : $": {fault}")}");
        }
        return new PlantAttempt(node, receipt);
    }

    /// <summary>True: the node confirmed. False: it rejected the unplant. Null: it did not answer.</summary>
    public async Task<bool?> UnplantAsync(
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
        var request = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(node.Item.Urls[0], path),
            Body = body,
            Timeout = FederationLimits.PlantTimeout,
        };
        return (await client.Http.SendToAsync(request, PrimaryAddress.Of(node.Item), stop)).Response;
    }

    /// <summary>A 409 says what conflicts with the order; it may be a newer order of the same key.</summary>
    private PlantAttempt Rejected(Signed<NodeRecord> node, Signed<PlantOrder> order, HttpResponse response)
    {
        if (response.Status != 409 || !PlantConflict.TryRead(response.Body, out var conflict, out _))
        {
            return new PlantAttempt(node, null, SafeText.Of(response));
        }
        var newerAt =
            conflict.Order is { } envelope
            && client.Reader.TryRead<PlantOrder>(envelope, world.Clock.GetUtcNow(), out var known, out _)
            && known.Signer == order.Signer
                ? known.Item.At
                : (long?)null;
        return new PlantAttempt(node, null, SafeText.OneLine(conflict.Reason), NewerAt: newerAt);
    }
}
