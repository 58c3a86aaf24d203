using Anatomic.Simulation.Scheduling;

namespace Anatomic.Simulation.Disks;

/// <summary>
/// The bytes of a file as programs see them, and as they would be after a crash: what was flushed, and a drawn part of what was
/// not.
/// </summary>
internal sealed class FileContent(DateTimeOffset modified)
{
    private const int SectorBytes = 512; // a torn write keeps whole sectors
    private const long BlockBytes = 4096; // the usual unit in which a file takes room
    private readonly List<Change> unflushed = [];
    private readonly HashSet<long> blocks = [];
    private byte[] current = [];
    private byte[] durable = [];
    private int durableLength;

    public int Length { get; private set; }

    public DateTimeOffset Modified { get; private set; } = modified;

    public bool IsExecutable { get; set; }

    /// <summary>Room that the file takes: only what was written, as on file systems with sparse files.</summary>
    public long AllocatedBytes => blocks.Count * BlockBytes;

    public long BytesToAllocate(long offset, int count)
    {
        var more = 0L;
        for (var block = offset / BlockBytes; block * BlockBytes < offset + count; block++)
        {
            more += blocks.Contains(block) ? 0 : BlockBytes;
        }
        return more;
    }

    public int Read(long offset, Span<byte> into)
    {
        if (offset >= Length)
        {
            return 0;
        }
        var count = Math.Min(into.Length, Length - (int)offset);
        current.AsSpan((int)offset, count).CopyTo(into);
        return count;
    }

    public void Write(long offset, byte[] bytes, DateTimeOffset now)
    {
        for (var block = offset / BlockBytes; block * BlockBytes < offset + bytes.Length; block++)
        {
            blocks.Add(block);
        }
        var change = new Change(checked((int)offset), bytes);
        Length = Math.Max(Length, change.End);
        Apply(change, ref current);
        unflushed.Add(change);
        Modified = now;
    }

    public void SetLength(long length, DateTimeOffset now)
    {
        var change = new Change(checked((int)length), null);
        Length = change.Offset;
        Apply(change, ref current);
        unflushed.Add(change);
        blocks.RemoveWhere(block => block * BlockBytes >= length);
        Modified = now;
    }

    public void Flush()
    {
        foreach (var change in unflushed)
        {
            ApplyDurably(change);
        }
        unflushed.Clear();
    }

    public void Crash(SeededEntropy entropy)
    {
        foreach (var change in unflushed)
        {
            switch (entropy.Next(3))
            {
                case 0:
                    ApplyDurably(change);
                    break;
                case 1 when change.Bytes is { } bytes:
                    var sectors = entropy.Next((bytes.Length / SectorBytes) + 1);
                    ApplyDurably(change with { Bytes = bytes[..(sectors * SectorBytes)] });
                    break;
            }
        }
        unflushed.Clear();
        Length = durableLength;
        current = durable.AsSpan(0, durableLength).ToArray();
    }

    public void FlipBit(long offset)
    {
        current[(int)offset] ^= 1;
        durable.AsSpan((int)offset, offset < durableLength ? 1 : 0).Fill(current[(int)offset]);
    }

    private void ApplyDurably(Change change)
    {
        durableLength = change.Bytes is null ? change.Offset : Math.Max(durableLength, change.End);
        Apply(change, ref durable);
    }

    private static void Apply(Change change, ref byte[] bytes)
    {
        if (change.Bytes is null)
        {
            // What lies behind the new end must read as zeros when the file grows again.
            bytes.AsSpan(Math.Min(change.Offset, bytes.Length)).Clear();
            Grow(change.Offset, ref bytes);
            return;
        }
        Grow(change.End, ref bytes);
        change.Bytes.CopyTo(bytes, change.Offset);
    }

    private static void Grow(int length, ref byte[] bytes)
    {
        if (bytes.Length < length)
        {
            Array.Resize(ref bytes, Math.Max(length, Math.Min(2 * bytes.Length, Array.MaxLength)));
        }
    }

    /// <param name="Offset">Where; the new length when there are no bytes.</param>
    /// <param name="Bytes">What was written; null: the length was set.</param>
    private readonly record struct Change(int Offset, byte[]? Bytes)
    {
        public int End => Offset + (Bytes?.Length ?? 0);
    }
}
