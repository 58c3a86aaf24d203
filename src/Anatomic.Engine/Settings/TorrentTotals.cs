using Anatomic.Wire.Bencoding;

namespace Anatomic.Engine.Settings;

/// <summary>The totals of a torrent since it was added. They survive restarts.</summary>
public sealed record TorrentTotals
{
    /// <summary>Payload received, in bytes, including what turned out to be wrong.</summary>
    public long DownloadedBytes { get; init; }

    /// <summary>Payload sent, in bytes.</summary>
    public long UploadedBytes { get; init; }

    /// <summary>Time in which the torrent downloaded or seeded.</summary>
    public TimeSpan ActiveTime { get; init; }

    /// <summary>Time in which the torrent seeded.</summary>
    public TimeSpan SeedingTime { get; init; }

    internal TorrentTotals Plus(TorrentTotals other) =>
        new()
        {
            ActiveTime = ActiveTime + other.ActiveTime,
            DownloadedBytes = DownloadedBytes + other.DownloadedBytes,
            SeedingTime = SeedingTime + other.SeedingTime,
            UploadedBytes = UploadedBytes + other.UploadedBytes,
        };

    internal void Write(BencodeWriter writer) =>
        writer
            .BeginDictionary()
            .Key("active"u8)
            .Integer((long)ActiveTime.TotalSeconds)
            .Key("down"u8)
            .Integer(DownloadedBytes)
            .Key("seeding"u8)
            .Integer((long)SeedingTime.TotalSeconds)
            .Key("up"u8)
            .Integer(UploadedBytes)
            .End();

    /// <summary>Reads what <see cref="Write"/> wrote; missing or negative values count as 0.</summary>
    internal static TorrentTotals Read(BencodeValue? value)
    {
        return new TorrentTotals
        {
            ActiveTime = Seconds("active"u8),
            DownloadedBytes = Number("down"u8),
            SeedingTime = Seconds("seeding"u8),
            UploadedBytes = Number("up"u8),
        };

        long Number(ReadOnlySpan<byte> key) =>
            value is not null && value.TryGetInteger(key, out var number) ? Math.Max(0, number) : 0;

        TimeSpan Seconds(ReadOnlySpan<byte> key) =>
            TimeSpan.FromSeconds(Math.Min(Number(key), (long)TimeSpan.MaxValue.TotalSeconds / 2));
    }
}
