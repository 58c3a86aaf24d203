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

/// <summary><c>info</c>: shows everything in a torrent file or a magnet link.</summary>
internal sealed class InfoVerb : Verb
{
    private readonly Argument<string> source = new("TORRENT|MAGNET|URL")
    {
        Description = "A .torrent file, a magnet link, or the web address of a .torrent file",
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
        if (context.Output.IsJson)
        {
            context.Output.WriteObject(writer => Write(writer, torrent));
        }
        else if (torrent.Metainfo is { } metainfo)
        {
            Show(context.Output, metainfo);
        }
        else
        {
            Show(context.Output, torrent.Magnet!);
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
        WriteSizes(writer, info);
        writer.WriteStartArray("announce");
        foreach (var tier in announce)
        {
            writer.WriteStringArray(tier);
        }
        writer.WriteEndArray();
        writer.WritePropertyName("webSeeds");
        writer.WriteStringArray(torrent.Metainfo?.WebSeeds ?? torrent.Magnet!.WebSeeds);
        writer.WritePropertyName("anatomic");
        PlantedInfo.Write(writer, torrent.Metainfo);
    }

    /// <summary>A magnet link contains no sizes, so its fields are null.</summary>
    private static void WriteSizes(Utf8JsonWriter writer, TorrentInfo? info)
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

    private static void Show(ConsoleOutput output, TorrentMetainfo metainfo)
    {
        var info = metainfo.Info;
        var format = (info.HasV1, info.HasV2) switch
        {
            (true, true) => "hybrid (v1 and v2)",
            (false, true) => "v2",
            _ => "v1",
        };
        output.WriteLine($"name         {info.Name}");
        output.WriteLine($"format       {format}");
        ShowHashes(output, info.HashV1?.ToString(), info.HashV2?.ToString());
        output.WriteLine($"size         {HumanFormat.Bytes(info.Size)} ({info.Size} bytes)");
        output.WriteLine($"pieces       {info.PieceCount} of {HumanFormat.Bytes(info.PieceLength)}");
        WriteOptional(output, "private", info.IsPrivate ? "yes: clients use only its own trackers" : null);
        WriteOptional(output, "source", info.SourceTag);
        WriteOptional(output, "comment", metainfo.Comment);
        WriteOptional(output, "created by", metainfo.CreatedBy);
        WriteOptional(output, "created at", metainfo.CreatedAt?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'"));
        for (var tier = 0; tier < metainfo.AnnounceTiers.Count; tier++)
        {
            output.WriteLine($"{(tier == 0 ? "trackers" : ""), -12} {string.Join(", ", metainfo.AnnounceTiers[tier])}");
        }
        WriteOptional(output, "web seeds", metainfo.WebSeeds.Count == 0 ? null : string.Join(", ", metainfo.WebSeeds));
        PlantedInfo.Show(output, metainfo);
        output.WriteLine($"files        {info.ContentFiles.Count}");
        for (var i = 0; i < info.ContentFiles.Count; i++)
        {
            var file = info.ContentFiles[i];
            output.WriteLine($"{i + 1, 6}  {HumanFormat.Bytes(file.Length), 10}  {Printable(file.Display)}");
        }
    }

    private static void Show(ConsoleOutput output, MagnetLink magnet)
    {
        WriteOptional(output, "name", magnet.DisplayName);
        ShowHashes(output, magnet.HashV1?.ToString(), magnet.HashV2?.ToString());
        foreach (var tracker in magnet.Trackers)
        {
            WriteOptional(output, "tracker", tracker);
        }
        WriteOptional(output, "web seeds", magnet.WebSeeds.Count == 0 ? null : string.Join(", ", magnet.WebSeeds));
        WriteOptional(output, "peers", magnet.Peers.Count == 0 ? null : string.Join(", ", magnet.Peers));
        output.WriteLine("             a magnet link lists no files; 'anatomic get' fetches the list from peers");
    }

    private static void ShowHashes(ConsoleOutput output, string? v1, string? v2)
    {
        WriteOptional(output, "info-hash", v1);
        WriteOptional(output, "info-hash v2", v2);
    }

    private static void WriteOptional(ConsoleOutput output, string name, string? value)
    {
        if (value is not null)
        {
            output.WriteLine($"{name, -12} {Printable(value)}");
        }
    }

    /// <summary>Control characters in a torrent must not reach the terminal.</summary>
    private static string Printable(string text) =>
        string.Concat(text.Select(letter => char.IsControl(letter) ? '\uFFFD' : letter));
}
