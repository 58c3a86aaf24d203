using Anatomic.Federation.Tables;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Orders;

/// <summary>
/// An order in 120 bytes of plain values. Its candidates are stored beside it, its signed form in the store.
/// </summary>
internal struct LedgerRow
{
    public Hash32 Digest;
    public NodeId Signer;

    // A Hash20 field would be padded to 24 bytes.
    private ulong firstA;
    private ulong firstB;

    public long At;
    private uint firstC;

    /// <summary>Its position in the manifest sequence.</summary>
    public int Place;

    /// <summary>Unix seconds of the last change; sufficient until 2106.</summary>
    public uint Since;

    /// <summary>Unix seconds of the last announce, precise to a day.</summary>
    public uint LastPeer;

    /// <summary>The row of its second swarm; -1: it has only one.</summary>
    public int Second;
    public int NextOfDigest;

    /// <summary>The next row of the bucket, or the next free row.</summary>
    public int NextOfSwarm;
    private byte op;
    private byte reason;
    public byte Want;
    private byte candidates;

    private const byte UnsavedBit = 0x80;

    public Hash20 First
    {
        readonly get => new(firstA, firstB, firstC);
        set => (firstA, firstB, firstC) = (value.A, value.B, value.C);
    }

    public ManifestOp Op
    {
        readonly get => (ManifestOp)op;
        set => op = (byte)value;
    }

    public NotHeldReason Reason
    {
        readonly get => (NotHeldReason)reason;
        set => reason = (byte)value;
    }

    /// <summary>The number of candidates stored beside it; 0 after it has ended.</summary>
    public int Candidates
    {
        readonly get => candidates & ~UnsavedBit;
        set => candidates = (byte)((candidates & UnsavedBit) | value);
    }

    /// <summary>Whether <see cref="LastPeer"/> must still be stored.</summary>
    public bool IsUnsaved
    {
        readonly get => (candidates & UnsavedBit) != 0;
        set => candidates = (byte)(value ? candidates | UnsavedBit : candidates & ~UnsavedBit);
    }

    public readonly bool IsInUse => op != 0;

    public readonly bool IsLive => Op == ManifestOp.Planted;

    /// <summary>Links rows by the digest of their order.</summary>
    public readonly struct ByDigest : IChainLink<LedgerRow>
    {
        public static ref int Next(ref LedgerRow row) => ref row.NextOfDigest;

        public static uint Mix(in LedgerRow row, in TableSeed seed) => seed.Mix(row.Digest);
    }

    /// <summary>Links rows by their first swarm.</summary>
    public readonly struct ByFirst : IChainLink<LedgerRow>
    {
        public static ref int Next(ref LedgerRow row) => ref row.NextOfSwarm;

        public static uint Mix(in LedgerRow row, in TableSeed seed) => seed.Mix(row.firstA, row.firstB, row.firstC);
    }
}

/// <summary>The second swarm of a hybrid torrent's order.</summary>
internal struct SecondSwarm
{
    public Hash20 Swarm;

    /// <summary>The order's row.</summary>
    public int Row;

    /// <summary>The next row of the bucket, or the next free row.</summary>
    public int Next;

    /// <summary>Links rows by swarm.</summary>
    public readonly struct BySwarm : IChainLink<SecondSwarm>
    {
        public static ref int Next(ref SecondSwarm row) => ref row.Next;

        public static uint Mix(in SecondSwarm row, in TableSeed seed) =>
            seed.Mix(row.Swarm.A, row.Swarm.B, row.Swarm.C);
    }
}
