using System.CommandLine;
using System.Text.Json;
using Anatomic.Cli.Display;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Cli.Verbs;

/// <summary><c>info</c>: everything that a torrent file or a magnet link says.</summary>
internal sealed class InfoVerb : Verb
{
    private readonly Argument<string> source = new("FILE|MAGNET")
    {
        Description = "A .torrent file, a magnet link or a web address of a .torrent file",
    };

    private readonly Option<bool> json = SharedFlags.Json();

    public InfoVerb()
        : base(
            "info",
            "Show everything in a torrent file or a magnet link",
            "anatomic info ubuntu.torrent",
            "anatomic info --json 'magnet:?xt=urn:btih:…'"
        )
    {
        Add(source);
        Add(json);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        await using var world = context.OpenWorld();
        var torrent = await TorrentSource.ReadAsync(context, world, context.Get(source)!, stop);
        if (context.ConsoleOutput.Json)
        {
            context.ConsoleOutput.Object(writer => Write(writer, torrent));
        }
        else if (torrent.Metainfo is { } metainfo)
        {
            Show(context.ConsoleOutput, metainfo);
        }
        else
        {
            Show(context.ConsoleOutput, torrent.Magnet!);
        }
        return ExitStatus.Success;
    }

    private static void Write(Utf8JsonWriter writer, TorrentSource torrent)
    {
        var info = torrent.Metainfo?.Info;
        var announce = torrent.Metainfo?.AnnounceTiers ?? [.. torrent.Magnet!.Trackers.Select(url => new[] { url })];
        writer.WriteString("name", info is null ? torrent.Magnet!.DisplayName : info.Name);
        writer.WriteString("infoHashV1", torrent.HashV1?.ToString());
        writer.WriteString("infoHashV2", torrent.HashV2?.ToString());
        WriteFigures(writer, info);
        writer.WriteStartArray("announce");
        foreach (var tier in announce)
        {
            JsonStringArrays.Write(writer, tier);
        }
        writer.WriteEndArray();
        writer.WritePropertyName("webSeeds");
        JsonStringArrays.Write(writer, torrent.Metainfo?.WebSeeds ?? torrent.Magnet!.WebSeeds);
        writer.WritePropertyName("anatomic");
        PlantedInfo.Write(writer, torrent.Metainfo);
    }

    /// <summary>Of a magnet nothing but its hashes is known: its figures are null.</summary>
    private static void WriteFigures(Utf8JsonWriter writer, TorrentInfo? info)
    {
        if (info is null)
        {
            foreach (var name in (string[])["size", "pieceLength", "pieces", "files", "private"])
            {
                writer.WriteNull(name);
            }
            return;
        }
        writer.WriteNumber("size", info.Size);
        writer.WriteNumber("pieceLength", info.PieceLength);
        writer.WriteNumber("pieces", info.PieceCount);
        writer.WriteStartArray("files");
        foreach (var file in info.ContentFiles)
        {
            writer.WriteStartObject();
            writer.WriteString("path", file.Display);
            writer.WriteNumber("length", file.Length);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteBoolean("private", info.IsPrivate);
    }

    private static void Show(ConsoleOutput reporter, TorrentMetainfo metainfo)
    {
        var info = metainfo.Info;
        var format = (info.HasV1, info.HasV2) switch
        {
            (true, true) => "hybrid (v1 and v2)",
            (false, true) => "v2",
            _ => "v1",
        };
        reporter.Line($"name         {info.Name}");
        reporter.Line($"format       {format}");
        ShowHashes(reporter, info.HashV1?.ToString(), info.HashV2?.ToString());
        reporter.Line($"size         {HumanFormat.Bytes(info.Size)} ({info.Size} bytes)");
        reporter.Line($"pieces       {info.PieceCount} of {HumanFormat.Bytes(info.PieceLength)}");
        Optional(reporter, "private", info.IsPrivate ? "yes: only its own trackers may be used" : null);
        Optional(reporter, "source", info.SourceTag);
        Optional(reporter, "comment", metainfo.Comment);
        Optional(reporter, "created by", metainfo.CreatedBy);
        Optional(reporter, "created at", metainfo.CreatedAt?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'"));
        for (var tier = 0; tier < metainfo.AnnounceTiers.Count; tier++)
        {
            reporter.Line($"{(tier == 0 ? "trackers" : ""), -12} {string.Join(", ", metainfo.AnnounceTiers[tier])}");
        }
        Optional(reporter, "web seeds", metainfo.WebSeeds.Count == 0 ? null : string.Join(", ", metainfo.WebSeeds));
        PlantedInfo.Show(reporter, metainfo);
        reporter.Line($"files        {info.ContentFiles.Count}");
        for (var i = 0; i < info.ContentFiles.Count; i++)
        {
            var file = info.ContentFiles[i];
            reporter.Line($"{i + 1, 6}  {HumanFormat.Bytes(file.Length), 10}  {Printable(file.Display)}");
        }
    }

    private static void Show(ConsoleOutput reporter, MagnetLink magnet)
    {
        Optional(reporter, "name", magnet.DisplayName);
        ShowHashes(reporter, magnet.HashV1?.ToString(), magnet.HashV2?.ToString());
        foreach (var tracker in magnet.Trackers)
        {
            Optional(reporter, "tracker", tracker);
        }
        Optional(reporter, "web seeds", magnet.WebSeeds.Count == 0 ? null : string.Join(", ", magnet.WebSeeds));
        Optional(reporter, "peers", magnet.Peers.Count == 0 ? null : string.Join(", ", magnet.Peers));
        reporter.Line("             a magnet names no files; 'anatomic get' asks peers for them");
    }

    private static void ShowHashes(ConsoleOutput reporter, string? v1, string? v2)
    {
        Optional(reporter, "info-hash", v1);
        Optional(reporter, "info-hash v2", v2);
    }

    private static void Optional(ConsoleOutput reporter, string name, string? value)
    {
        if (value is not null)
        {
            reporter.Line($"{name, -12} {Printable(value)}");
        }
    }

    /// <summary>What strangers wrote must not steer the terminal.</summary>
    private static string Printable(string text) =>
        string.Concat(text.Select(letter => char.IsControl(letter) ? '\uFFFD' : letter));
}
