using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>An order that somebody submitted to this node, parsed once and not verified yet.</summary>
/// <param name="Carry">The carry of another candidate that delivers the order; null when a planter submits it.</param>
/// <param name="From">The sender's address.</param>
/// <param name="Token">The bearer token of the request; null without one.</param>
public sealed record IncomingOrder(Signed<PlantOrder> Order, SignedItem? Carry, Endpoint From, string? Token)
{
    private const string Bearer = "Bearer ";

    /// <summary>Reads the body and the <c>authorization</c> header of <c>POST /plant</c>.</summary>
    public static bool TryRead(
        InboundRequest request,
        NetworkName network,
        [NotNullWhen(true)] out IncomingOrder? incoming,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        incoming = null;
        if (
            !PlantSubmission.TryRead(request.Body, out var submission, out fault)
            || !Signed.TryReadUnverified<PlantOrder>(submission.Order, network, out var order, out fault)
        )
        {
            return false;
        }
        var header = request.Headers.GetValueOrDefault("authorization", "");
        var token = header.StartsWith(Bearer, StringComparison.Ordinal) ? header[Bearer.Length..] : null;
        incoming = new IncomingOrder(order, submission.Carry, request.From, token);
        return true;
    }
}
