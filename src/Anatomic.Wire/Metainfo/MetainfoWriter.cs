using System.Text;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Metainfo;

/// <summary>Writes a draft's info dictionary and the .torrent file around it in canonical bencoding.</summary>
internal sealed class MetainfoWriter(MetainfoDraft draft)
{
    private bool HasV1 => draft.Format != TorrentFormat.V2;

    private bool HasV2 => draft.Format != TorrentFormat.V1;

    public byte[] Write()
    {
        var file = new MetainfoRewriter([]).Set("info"u8, Info());
        if (draft.Comment is { } comment)
        {
            file.Set("comment"u8, new BencodeWriter().Text(comment).ToArray());
        }
        if (draft.CreatedBy is { } creator)
        {
            file.Set("created by"u8, new BencodeWriter().Text(creator).ToArray());
        }
        if (draft.CreatedAt is { } date)
        {
            file.Set("creation date"u8, new BencodeWriter().Integer(date.ToUnixTimeSeconds()).ToArray());
        }
        if (HasV2)
        {
            // BEP 52 requires the key even if no file is longer than a piece.
            file.Set("piece layers"u8, new BencodeWriter().BeginDictionary().End().ToArray());
        }
        var layers = new SortedDictionary<Hash32, ReadOnlyMemory<byte>>();
        foreach (var one in draft.Files.Where(one => !one.PieceLayer.IsEmpty))
        {
            layers[one.PiecesRoot!.Value] = one.PieceLayer;
        }
        return file.Apply(
                new MetainfoEdit
                {
                    AnnounceTiers = draft.AnnounceTiers,
                    WebSeeds = draft.WebSeeds,
                    PieceLayers = layers.Count > 0 ? layers : null,
                }
            )
            .Write();
    }

    private byte[] Info()
    {
        Invariant.Holds(!draft.IsSingleFile || draft.Files.Count == 1);
        var writer = new BencodeWriter().BeginDictionary();
        if (HasV1 && draft.IsSingleFile && draft.Files[0].IsExecutable)
        {
            writer.Key("attr"u8).Text("x");
        }
        if (HasV2)
        {
            WriteTree(writer.Key("file tree"u8));
        }
        if (HasV1 && !draft.IsSingleFile)
        {
            WriteList(writer.Key("files"u8));
        }
        if (HasV1 && draft.IsSingleFile)
        {
            writer.Key("length"u8).Integer(draft.Files[0].Length);
        }
        if (HasV2)
        {
            writer.Key("meta version"u8).Integer(2);
        }
        writer.Key("name"u8).Text(draft.Name);
        writer.Key("piece length"u8).Integer(draft.PieceLength);
        if (HasV1)
        {
            writer.Key("pieces"u8).Bytes(draft.PieceHashesV1.Span);
        }
        if (draft.IsPrivate)
        {
            writer.Key("private"u8).Integer(1);
        }
        if (draft.SourceTag is { } source)
        {
            writer.Key("source"u8).Text(source);
        }
        return writer.End().ToArray();
    }

    private void WriteList(BencodeWriter writer)
    {
        writer.BeginList();
        var lastWithData = draft.Files.ToList().FindLastIndex(file => file.Length > 0);
        for (var i = 0; i < draft.Files.Count; i++)
        {
            var file = draft.Files[i];
            WriteEntry(writer, file.IsExecutable ? "x" : null, file.Length, file.Path);
            var padding = MetainfoDraft.PaddingAfter(file.Length, draft.PieceLength);
            if (HasV2 && padding > 0 && i < lastWithData)
            {
                WriteEntry(writer, "p", padding, [".pad", $"{padding}"]);
            }
        }
        writer.End();
    }

    private static void WriteEntry(BencodeWriter writer, string? attributes, long length, IReadOnlyList<string> path)
    {
        writer.BeginDictionary();
        if (attributes is not null)
        {
            writer.Key("attr"u8).Text(attributes);
        }
        writer.Key("length"u8).Integer(length).Key("path"u8).BeginList();
        foreach (var part in path)
        {
            writer.Text(part);
        }
        writer.End().End();
    }

    /// <summary>Writes the file tree. The files are in tree order, so folders open and close like brackets.</summary>
    private void WriteTree(BencodeWriter writer)
    {
        writer.BeginDictionary();
        IReadOnlyList<string> open = [];
        foreach (var file in draft.Files)
        {
            var folders = file.Path.Take(file.Path.Count - 1).ToArray();
            var common = open.Zip(folders).TakeWhile(pair => pair.First == pair.Second).Count();
            for (var i = open.Count; i > common; i--)
            {
                writer.End();
            }
            foreach (var folder in folders[common..])
            {
                writer.Key(Encoding.UTF8.GetBytes(folder)).BeginDictionary();
            }
            open = folders;
            WriteLeaf(writer.Key(Encoding.UTF8.GetBytes(file.Path[^1])), file);
        }
        for (var i = open.Count; i > 0; i--)
        {
            writer.End();
        }
        writer.End();
    }

    private static void WriteLeaf(BencodeWriter writer, DraftFile file)
    {
        writer.BeginDictionary().Key(default).BeginDictionary();
        if (file.IsExecutable)
        {
            writer.Key("attr"u8).Text("x");
        }
        writer.Key("length"u8).Integer(file.Length);
        if (file.PiecesRoot is { } root)
        {
            writer.Key("pieces root"u8).Bytes(root.ToArray());
        }
        writer.End().End();
    }
}
