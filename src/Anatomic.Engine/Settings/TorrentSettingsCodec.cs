using System.Globalization;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Engine.Settings;

/// <summary>
/// Writes and reads <see cref="TorrentSettings"/> as a bencoded dictionary. Absent keys have their default, so that
/// older and newer versions read each other's records.
/// </summary>
internal static class TorrentSettingsCodec
{
    public static void Write(BencodeWriter writer, TorrentSettings settings)
    {
        writer.BeginDictionary().Key("added"u8).Integer(settings.AddedAt.UtcTicks);
        if (settings.CompletedAt is { } completed)
        {
            writer.Key("completed"u8).Integer(completed.UtcTicks);
        }
        WriteText(writer, "data"u8, settings.DataPath);
        writer.Key("flags"u8).Integer((long)FlagsOf(settings)).Key("folder"u8).Text(settings.Folder);
        if (settings.Goals is { } goals)
        {
            WriteGoals(writer, goals);
        }
        WriteText(writer, "magnet"u8, settings.Magnet);
        writer.Key("max down"u8).Integer(settings.MaxDownloadBytesPerSecond);
        writer.Key("max up"u8).Integer(settings.MaxUploadBytesPerSecond);
        writer.Key("mode"u8).Integer((long)settings.Mode);
        WriteText(writer, "name"u8, settings.Name);
        WriteList(writer.Key("peers"u8), settings.Peers);
        writer.Key("position"u8).Integer(settings.QueuePosition);
        if (settings.FilePriorities is { } priorities)
        {
            writer.Key("priorities"u8).Bytes([.. priorities]);
        }
        if (settings.SelectedFiles is { } selected)
        {
            writer.Key("selected"u8).BeginList();
            foreach (var file in selected)
            {
                writer.Integer(file);
            }
            writer.End();
        }
        if (settings.Trackers is { } tiers)
        {
            writer.Key("trackers"u8).BeginList();
            foreach (var tier in tiers)
            {
                WriteList(writer, tier);
            }
            writer.End();
        }
        if (settings.WebSeeds is { } webSeeds)
        {
            WriteList(writer.Key("web seeds"u8), webSeeds);
        }
        writer.End();
    }

    /// <summary>Reads a record; null when it names no folder or is no dictionary.</summary>
    public static TorrentSettings? Read(BencodeValue? value)
    {
        if (value is not { Kind: BencodeKind.Dictionary } || !value.TryGetText("folder"u8, out var folder))
        {
            return null;
        }
        var flags = (SettingFlags)Number(value, "flags"u8);
        return new TorrentSettings
        {
            AddedAt = Instant(value, "added"u8) ?? DateTimeOffset.UnixEpoch,
            CompletedAt = Instant(value, "completed"u8),
            DataPath = Text(value, "data"u8),
            Folder = folder,
            Goals = value.Find("goals"u8) is { Kind: BencodeKind.Dictionary } goals ? ReadGoals(goals) : null,
            Magnet = Text(value, "magnet"u8),
            MaxDownloadBytesPerSecond = Math.Max(0, Number(value, "max down"u8)),
            MaxUploadBytesPerSecond = Math.Max(0, Number(value, "max up"u8)),
            Mode = Number(value, "mode"u8) is >= 0 and <= (long)RunMode.Forced and var mode
                ? (RunMode)mode
                : RunMode.Stopped,
            Name = Text(value, "name"u8),
            Peers = ReadTexts(value.Find("peers"u8)) ?? [],
            QueuePosition = Number(value, "position"u8),
            FilePriorities = value.TryGetBytes("priorities"u8, out var priorities)
                ? [.. priorities.ToArray().Select(priority => Math.Min(priority, (byte)7))]
                : null,
            SelectedFiles = value.TryGetList("selected"u8, out var selected)
                ?
                [
                    .. selected
                        .Where(item => item is { Kind: BencodeKind.Integer, Integer: >= 0 and <= int.MaxValue })
                        .Select(item => (int)item.Integer),
                ]
                : null,
            Trackers = value.TryGetList("trackers"u8, out var tiers)
                ? [.. tiers.Select(ReadTexts).OfType<IReadOnlyList<string>>()]
                : null,
            WebSeeds = ReadTexts(value.Find("web seeds"u8)),
            Sequential = flags.HasFlag(SettingFlags.Sequential),
            SeedOnly = flags.HasFlag(SettingFlags.SeedOnly),
            StopAtMetadata = flags.HasFlag(SettingFlags.StopAtMetadata),
            Overwrite = flags.HasFlag(SettingFlags.Overwrite),
            SuperSeed = flags.HasFlag(SettingFlags.SuperSeed),
        };
    }

    private static SettingFlags FlagsOf(TorrentSettings settings) =>
        (settings.Sequential ? SettingFlags.Sequential : SettingFlags.None)
        | (settings.SeedOnly ? SettingFlags.SeedOnly : SettingFlags.None)
        | (settings.StopAtMetadata ? SettingFlags.StopAtMetadata : SettingFlags.None)
        | (settings.Overwrite ? SettingFlags.Overwrite : SettingFlags.None)
        | (settings.SuperSeed ? SettingFlags.SuperSeed : SettingFlags.None);

    private static void WriteGoals(BencodeWriter writer, SeedGoals goals)
    {
        writer.Key("goals"u8).BeginDictionary();
        if (goals.Idle is { } idle)
        {
            writer.Key("idle"u8).Integer((long)idle.TotalSeconds);
        }
        if (goals.Ratio is { } ratio)
        {
            writer.Key("ratio"u8).Text(ratio.ToString("R", CultureInfo.InvariantCulture));
        }
        if (goals.Time is { } time)
        {
            writer.Key("time"u8).Integer((long)time.TotalSeconds);
        }
        writer.End();
    }

    private static SeedGoals ReadGoals(BencodeValue value)
    {
        return new SeedGoals
        {
            Idle = Span(value, "idle"u8),
            Time = Span(value, "time"u8),
            Ratio =
                Text(value, "ratio"u8) is { } text
                && double.TryParse(text, CultureInfo.InvariantCulture, out var ratio)
                && double.IsFinite(ratio)
                && ratio >= 0
                    ? ratio
                    : null,
        };

        static TimeSpan? Span(BencodeValue from, ReadOnlySpan<byte> key) =>
            from.TryGetInteger(key, out var seconds) && seconds is >= 0 and <= 1_000_000_000_000
                ? TimeSpan.FromSeconds(seconds)
                : null;
    }

    private static void WriteText(BencodeWriter writer, ReadOnlySpan<byte> key, string? text)
    {
        if (text is not null)
        {
            writer.Key(key).Text(text);
        }
    }

    private static void WriteList(BencodeWriter writer, IReadOnlyList<string> texts)
    {
        writer.BeginList();
        foreach (var text in texts)
        {
            writer.Text(text);
        }
        writer.End();
    }

    private static long Number(BencodeValue value, ReadOnlySpan<byte> key) =>
        value.TryGetInteger(key, out var number) ? number : 0;

    private static string? Text(BencodeValue value, ReadOnlySpan<byte> key) =>
        value.TryGetText(key, out var text) ? text : null;

    private static DateTimeOffset? Instant(BencodeValue value, ReadOnlySpan<byte> key) =>
        value.TryGetInteger(key, out var ticks) && ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : null;

    private static IReadOnlyList<string>? ReadTexts(BencodeValue? value) =>
        value is { Kind: BencodeKind.List }
            ?
            [
                .. value
                    .Items.Where(item => item.Kind == BencodeKind.Bytes)
                    .Select(item => System.Text.Encoding.UTF8.GetString(item.Bytes.Span)),
            ]
            : null;

    [Flags]
    private enum SettingFlags
    {
        None = 0,
        Sequential = 1,
        SeedOnly = 2,
        StopAtMetadata = 4,
        Overwrite = 8,
        SuperSeed = 16,
    }
}
