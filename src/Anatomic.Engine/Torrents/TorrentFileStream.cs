using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// Reads a file of a torrent while it downloads. A read waits for its pieces, and has them and those after them
/// downloaded before all others. Seeking is free.
/// </summary>
public sealed class TorrentFileStream : Stream
{
    private readonly TorrentCore core;
    private readonly TorrentFile file;
    private long position;

    internal TorrentFileStream(TorrentCore core, TorrentFile file)
    {
        this.core = core;
        this.file = file;
    }

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => file.Length;

    public override long Position
    {
        get => position;
        set => position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>Reads at least one byte, or 0 at the end of the file.</summary>
    /// <exception cref="EngineException">The torrent stopped, or the file is not selected.</exception>
    /// <exception cref="DiskException">The file cannot be read.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (position >= file.Length || buffer.IsEmpty)
        {
            return 0;
        }
        var part = buffer[..(int)Math.Min(buffer.Length, file.Length - position)];
        var at = file.Offset + position;
        var read = await LoopExtensions.RunAsync(
            core.Loop,
            () => core.Lifecycle.ReadAsync(at, part, cancellationToken)
        );
        position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => position + offset,
            _ => file.Length + offset,
        };

    /// <summary>Not supported, as it would block a thread until peers send the data.</summary>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
