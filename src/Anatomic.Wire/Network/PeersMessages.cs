using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Network;

/// <summary>
/// The body of <c>POST /peers</c>: <c>{batch: item, record: item}</c>. The first batch, and the first after a change,
/// contains the sender's record, so that partners learn each other's URLs without asking a supernode.
/// </summary>
public sealed record PeersRequest(SignedItem Batch, SignedItem? Record = null)
{
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("batch"u8).Raw(Batch.Raw.Span);
        if (Record is not null)
        {
            writer.Key("record"u8).Raw(Record.Raw.Span);
        }
        return writer.End().ToArray();
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out PeersRequest? post,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        post = null;
        if (raw.Length > NetworkLimits.MaxBatchBytes + (2 * NetworkLimits.MaxItemBytes))
        {
            fault = new Fault("a batch is longer than 256 KiB");
            return false;
        }
        if (!BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault))
        {
            return false;
        }
        if (value.Find("batch"u8) is not { } batchValue)
        {
            fault = new Fault("the body contains no batch");
            return false;
        }
        SignedItem? record = null;
        if (
            !SignedItem.TryRead(batchValue, out var batch, out fault)
            || (value.Find("record"u8) is { } recordValue && !SignedItem.TryRead(recordValue, out record, out fault))
        )
        {
            return false;
        }
        post = new PeersRequest(batch, record);
        return true;
    }
}

/// <summary>Why a partner does not hold an order.</summary>
public enum NotHeldReason
{
    /// <summary>It never held the order, or lost it.</summary>
    Unknown = 1,

    /// <summary>It dropped the order: expired, dropped out, or rejected by its operator.</summary>
    Dropped = 2,

    /// <summary>The planter ended the order; the response contains the unplant.</summary>
    Unplanted = 3,

    /// <summary>A newer order of the same planter replaced it.</summary>
    Replaced = 4,
}

/// <param name="Order">Digest of the order.</param>
/// <param name="Reason">Why the node does not hold it.</param>
public readonly record struct NotHeld(Hash32 Order, NotHeldReason Reason);

/// <summary>
/// The response of <c>POST /peers</c>: <c>{boot: number, not: [[digest, reason]…], unplants: [item…]}</c>.
/// </summary>
/// <param name="Boot">The responding node's boot id.</param>
/// <param name="NotHeld">Orders of the batch that it does not hold.</param>
/// <param name="Unplants">At most 16 of their unplants.</param>
public sealed record PeersResponse(long Boot, IReadOnlyList<NotHeld> NotHeld, IReadOnlyList<SignedItem> Unplants)
{
    /// <summary>Most unplants in one response; the others follow in later ones.</summary>
    public const int MaxUnplants = 16;

    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("boot"u8).Integer(Boot).Key("not"u8).BeginList();
        foreach (var (order, reason) in NotHeld)
        {
            writer.BeginList().Bytes(order.ToArray()).Integer((int)reason).End();
        }
        writer.End().Key("unplants"u8).BeginList();
        foreach (var unplant in Unplants)
        {
            writer.Raw(unplant.Raw.Span);
        }
        return writer.End().End().ToArray();
    }

    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out PeersResponse? response,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        response = null;
        if (
            !BencodeValue.TryParse(raw, BencodeMode.Strict, out var value, out fault)
            || !ItemList.TryRead(value, "unplants"u8, MaxUnplants, out var unplants, out fault)
        )
        {
            return false;
        }
        var fields = new ItemFields(value, "response");
        var boot = fields.Integer("boot", 0, long.MaxValue);
        var notHeld = new List<NotHeld>();
        foreach (var entry in fields.List("not", 0, NetworkLimits.MaxShares))
        {
            if (
                entry.Kind != BencodeKind.List
                || entry.Items.Count != 2
                || entry.Items[0].Kind != BencodeKind.Bytes
                || entry.Items[0].Bytes.Length != Hash32.Length
                || entry.Items[1].Kind != BencodeKind.Integer
                || entry.Items[1].Integer is < 1 or > 4
            )
            {
                fault = new Fault("an entry of the response is not [digest, reason]", entry.Position);
                return false;
            }
            notHeld.Add(new NotHeld(new Hash32(entry.Items[0].Bytes.Span), (NotHeldReason)entry.Items[1].Integer));
        }
        if (!fields.IsValid(out fault))
        {
            return false;
        }
        response = new PeersResponse(boot, notHeld, unplants);
        return true;
    }
}
