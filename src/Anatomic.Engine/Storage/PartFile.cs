using System.Buffers.Binary;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Storage;

/// <summary>
/// Keeps the blocks of unwanted files that lie in the pieces of wanted ones, so that no file appears which nobody asked
/// for. The file is a row of slots, each with a header that names its piece, and room for the whole piece. What a slot
/// contains is checked against the piece's hash like all data, so a slot torn by a crash does no harm.
/// </summary>
internal sealed class PartFile(TorrentStorage storage, FilePool files)
{
    private const int Index = -1; // that of no file of the torrent
    private const int HeaderBytes = 16;
    private static readonly byte[] Magic = "anatpart"u8.ToArray();

    private readonly Dictionary<PieceIndex, long> slots = [];
    private readonly Stack<long> free = new();
    private long slotCount;
    private Task? loading;

    private int SlotBytes => HeaderBytes + storage.Info.PieceLength;

    private FileKey Key => new(storage, Index, IsWritable: true);

    /// <summary>Fills memory with a part of a piece; false when the piece is not there.</summary>
    public async ValueTask<bool> ReadAsync(PieceIndex piece, int offset, Memory<byte> into, CancellationToken stop)
    {
        await LoadAsync(stop);
        if (!slots.TryGetValue(piece, out var slot))
        {
            return false;
        }
        var file = await files.RentAsync(Key, storage.Layout.PartFile, OpenMode.WriteExisting);
        try
        {
            var read = await file.File!.ReadAsync(slot * SlotBytes + HeaderBytes + offset, into, stop);
            return read == into.Length;
        }
        finally
        {
            FilePool.Return(file);
        }
    }

    public async ValueTask WriteAsync(
        PieceIndex piece,
        int offset,
        IReadOnlyList<ReadOnlyMemory<byte>> bytes,
        CancellationToken stop
    )
    {
        await LoadAsync(stop);
        var isNew = !slots.TryGetValue(piece, out var slot);
        if (isNew)
        {
            slot = free.TryPop(out var freed) ? freed : slotCount++;
            slots.Add(piece, slot);
        }
        var file = await files.RentAsync(Key, storage.Layout.PartFile, OpenMode.Write);
        try
        {
            if (isNew)
            {
                await file.File!.WriteAsync(slot * SlotBytes, [HeaderOf(piece)], stop);
            }
            await file.File!.WriteAsync(slot * SlotBytes + HeaderBytes + offset, bytes, stop);
        }
        finally
        {
            FilePool.Return(file);
        }
    }

    public async ValueTask FlushAsync(CancellationToken stop)
    {
        if (slots.Count == 0)
        {
            // Nothing is left in it, and it may be deleted.
            return;
        }
        var file = await files.RentAsync(Key, storage.Layout.PartFile, OpenMode.WriteExisting);
        try
        {
            await file.File!.FlushAsync(stop);
        }
        finally
        {
            FilePool.Return(file);
        }
    }

    /// <summary>
    /// Frees the slots of the pieces that no file needs any more. Returns true when none is left, and the file can be
    /// deleted.
    /// </summary>
    public async ValueTask<bool> ReleaseAsync(Func<PieceIndex, bool> isNeeded, CancellationToken stop)
    {
        await LoadAsync(stop);
        foreach (var piece in slots.Keys.Where(piece => !isNeeded(piece)).ToArray())
        {
            slots.Remove(piece, out var slot);
            free.Push(slot);
        }
        if (slots.Count > 0)
        {
            return false;
        }
        free.Clear();
        slotCount = 0;
        return true;
    }

    /// <summary>Reads the headers once.</summary>
    private Task LoadAsync(CancellationToken stop) =>
        loading is null or { IsFaulted: true } or { IsCanceled: true } ? loading = LoadSlotsAsync(stop) : loading;

    private async Task LoadSlotsAsync(CancellationToken stop)
    {
        slots.Clear();
        free.Clear();
        slotCount = 0;
        if (await files.Disk.FindAsync(storage.Layout.PartFile, stop) is not { IsFolder: false })
        {
            return;
        }
        var file = await files.RentAsync(Key, storage.Layout.PartFile, OpenMode.WriteExisting);
        try
        {
            var header = new byte[HeaderBytes];
            var count = (await file.File!.GetLengthAsync(stop) + SlotBytes - 1) / SlotBytes;
            // More slots than pieces are not ours.
            for (slotCount = 0; slotCount < Math.Min(count, storage.Info.PieceCount); slotCount++)
            {
                var read = await file.File!.ReadAsync(slotCount * SlotBytes, header, stop);
                if (read != HeaderBytes || PieceOf(header) is not { } piece || !slots.TryAdd(piece, slotCount))
                {
                    free.Push(slotCount);
                }
            }
        }
        finally
        {
            FilePool.Return(file);
        }
    }

    private static byte[] HeaderOf(PieceIndex piece)
    {
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header, 0);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(Magic.Length), piece.Value);
        return header;
    }

    private PieceIndex? PieceOf(byte[] header)
    {
        var piece = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(Magic.Length));
        return header.AsSpan().StartsWith(Magic) && piece >= 0 && piece < storage.Info.PieceCount
            ? new PieceIndex(piece)
            : null;
    }
}
