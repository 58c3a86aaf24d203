using Anatomic.Simulation.Scheduling;

namespace Anatomic.Simulation.Disks;

/// <summary>
/// The bytes of a file, both as programs read them and as they survive a crash: everything flushed, and a random part
/// of the rest.
/// </summary>
internal sealed class FileContent(DateTimeOffset modified)
{
    private const int SectorBytes = 512; // a torn write keeps whole sectors
    private const long BlockBytes = 4096; // the usual allocation unit of a file system
    private readonly List<FileChange> unflushed = [];
    private readonly HashSet<long> allocatedBlocks = [];
    private byte[] current = [];
    private byte[] durable = [];
    private int durableLength;

    public int Length { get; private set; }

    public DateTimeOffset Modified { get; private set; } = modified;

    public bool IsExecutable { get; set; }

    /// <summary>Its volume was taken away, so nothing can be read or written.</summary>
    public bool IsUnmounted { get; set; }

    /// <summary>Disk space of the file. Holes take none, as on file systems with sparse files.</summary>
    public long AllocatedBytes => allocatedBlocks.Count * BlockBytes;

    /// <summary>Additional disk space that a write would take.</summary>
    public long BytesToAllocate(long offset, int count)
    {
        var bytes = 0L;
        for (var block = offset / BlockBytes; block * BlockBytes < offset + count; block++)
        {
            bytes += allocatedBlocks.Contains(block) ? 0 : BlockBytes;
        }
        return bytes;
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
            allocatedBlocks.Add(block);
        }
        var change = new FileChange(checked((int)offset), bytes);
        Length = Math.Max(Length, change.End);
        Apply(change, ref current);
        unflushed.Add(change);
        Modified = now;
    }

    public void SetLength(long length, DateTimeOffset now)
    {
        var change = new FileChange(checked((int)length), null);
        Length = change.Offset;
        Apply(change, ref current);
        unflushed.Add(change);
        allocatedBlocks.RemoveWhere(block => block * BlockBytes >= length);
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

    /// <summary>Inverts the lowest bit of one byte, also in what survives a crash.</summary>
    public void FlipBit(long offset)
    {
        current[(int)offset] ^= 1;
        durable.AsSpan((int)offset, offset < durableLength ? 1 : 0).Fill(current[(int)offset]);
    }

    private void ApplyDurably(FileChange change)
    {
        durableLength = change.Bytes is null ? change.Offset : Math.Max(durableLength, change.End);
        Apply(change, ref durable);
    }

    private static void Apply(FileChange change, ref byte[] bytes)
    {
        if (change.Bytes is null)
        {
            // Bytes past the new end must read as zeros when the file grows again.
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

    /// <param name="Offset">Offset of the write, or the new length.</param>
    /// <param name="Bytes">The bytes written; null when the length was set.</param>
    private readonly record struct FileChange(int Offset, byte[]? Bytes)
    {
        public int End => Offset + (Bytes?.Length ?? 0);
    }
}
