using System.Diagnostics.CodeAnalysis;
using Anatomic.Federation.Orders;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Nodes;

/// <summary>Takes in orders that no planter has brought: a newer one that stands against what is held, and one that was lost.</summary>
internal sealed class OrderImporter(NodeCore core, PlantHandler desk)
{
    /// <summary>
    /// Another candidate shows a newer order in the place of one held here: the older one is given up, and the newer one is held
    /// when it names this node. Nothing happens when it is not what it claims to be.
    /// </summary>
    public async Task LearnNewerAsync(PlantEntry held, SignedItem envelope, CancellationToken stop)
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
        var row = await core.Store.ReadAsync(held.Digest, stop);
        if (core.Ledger.Find(held.Digest) is not { IsLive: true } older)
        {
            return;
        }
        if (core.Ledger.Find(newer.Digest) is null && MayHold(newer.Item))
        {
            await desk.AddAsync(newer, null, older, row);
            return;
        }
        await desk.DropAsync(older, EndReason.Replaced, stop);
    }

    /// <summary>A lost order has been found at another node or a supernode.</summary>
    public async Task RecoverAsync(SignedItem envelope, CancellationToken stop)
    {
        if (!TryRead(envelope, out var order) || !core.Store.Lost.Contains(order.Digest))
        {
            return;
        }
        var newest = core.Ledger.NewestOf(order.Signer, order.Item.Swarms[0]);
        if (core.Ledger.Find(order.Digest) is null && newest is null && MayHold(order.Item))
        {
            await desk.AddAsync(order, null, null, null);
        }
        await core.Store.SettleLostAsync(order.Digest, stop);
    }

    private bool TryRead(SignedItem envelope, [NotNullWhen(true)] out Signed<PlantOrder>? order) =>
        core.Reader.TryRead(envelope, core.Now, out order, out _)
        && Work.BitsOf(order, core.Options.Network.Name) >= core.Options.Network.WorkFloor;

    private bool MayHold(PlantOrder order) =>
        order.PlaceOf(core.Id) >= 0
        && core.Ledger.HasRoomFor(order)
        && !order.Swarms.Any(core.Options.IsDenied)
        && (core.Options.IsAllowed is not { } isAllowed || order.Swarms.All(isAllowed));
}
