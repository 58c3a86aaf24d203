using System.Diagnostics.CodeAnalysis;
using Anatomic.Federation.Lookup;
using Anatomic.Federation.Orders;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// Accepts orders that other members show: a newer order of the same planter, or one that this node lost.
/// </summary>
internal sealed class OrderImporter(NodeCore core, PlantHandler plants)
{
    /// <summary>
    /// Another candidate answered a carry with a newer order. This node gives the held order up, and holds the newer
    /// one if it is a candidate of it. An invalid answer changes nothing.
    /// </summary>
    public async Task ReplaceAsync(PlantEntry held, SignedItem envelope, CancellationToken stop)
    {
        if (
            !TryRead(envelope, out var newer)
            || newer.Signer != held.Signer
            || newer.Item.Swarms[0] != held.FirstSwarm
            || newer.Item.At <= held.At
        )
        {
            return;
        }
        var stored = await core.Store.ReadAsync(held.Digest, stop);
        if (core.Ledger.Find(held.Digest) is not { IsLive: true } older)
        {
            return;
        }
        if (core.Ledger.Find(newer.Digest) is null && MayHold(newer.Item))
        {
            await plants.AddAsync(newer, null, older, stored);
            return;
        }
        await plants.DropAsync(older, EndReason.Replaced, stop);
    }

    /// <summary>A supernode or another holder returned an order that this node's store had lost.</summary>
    public async Task RecoverAsync(SignedItem envelope, CancellationToken stop)
    {
        if (!TryRead(envelope, out var order) || !core.Store.Lost.Contains(order.Digest))
        {
            return;
        }
        var newest = core.Ledger.NewestOf(order.Signer, order.Item.Swarms[0]);
        if (core.Ledger.Find(order.Digest) is null && newest is null && MayHold(order.Item))
        {
            await plants.AddAsync(order, null, null, null);
        }
        await core.Store.RemoveLostAsync(order.Digest, stop);
    }

    private bool TryRead(SignedItem envelope, [NotNullWhen(true)] out Signed<PlantOrder>? order) =>
        OrderRules.TryRead(envelope, core.Reader, core.Options.Network, core.Now, out order, out _);

    private bool MayHold(PlantOrder order) =>
        order.PlaceOf(core.Id) >= 0
        && core.Ledger.HasRoomFor(order)
        && !order.Swarms.Any(core.Options.IsDenied)
        && (core.Options.IsAllowed is not { } isAllowed || order.Swarms.All(isAllowed));
}
