using System.Text;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Metainfo;

/// <summary>
/// Reads the files of v1 (<c>length</c> or <c>files</c>, BEP 3, 47) and of v2 (<c>file tree</c>, BEP 52).
/// </summary>
internal sealed class FileListReader(BencodeValue info, string name)
{
    private readonly List<FileEntry> files = [];
    private readonly List<string> path = [];

    public Fault? Fault { get; private set; }

    /// <summary>Null on a fault; see <see cref="Fault"/>.</summary>
    public (List<FileEntry> Files, bool IsSingle)? ReadV1()
    {
        if (info.Find("files"u8) is not { } list)
        {
            if (info.Find("length"u8) is null)
            {
                return Fail("the info dictionary has neither a length nor files", info.Position);
            }
            return TryAdd(info, [name], null) ? (files, true) : null;
        }
        if (list.Kind != BencodeKind.List || list.Items.Count == 0)
        {
            return Fail("the files are not a list, or the list is empty", list.Position);
        }
        foreach (var file in list.Items)
        {
            var written = ReadPath(file, "path.utf-8"u8) ?? ReadPath(file, "path"u8);
            // BEP 47: padding needs no path, as it is never on disk.
            if (written is null && !HasAttribute(file, 'p'))
            {
                return Fail("a file has no path", file.Position);
            }
            if (!TryAdd(file, written ?? [], null))
            {
                return null;
            }
        }
        return (files, false);
    }

    /// <inheritdoc cref="ReadV1"/>
    public (List<FileEntry> Files, bool IsSingle)? ReadV2()
    {
        if (info.Find("file tree"u8) is not { Kind: BencodeKind.Dictionary } tree)
        {
            return Fail("a v2 info dictionary has no file tree", info.Position);
        }
        if (!TryReadTree(tree))
        {
            return null;
        }
        var single = files.Count == 1 && files[0].Path.Count == 1 && files[0].Path[0] == name;
        return (files, single);
    }

    private bool TryReadTree(BencodeValue folder)
    {
        if (folder.Entries.Count == 0)
        {
            return Reject("a folder of the file tree is empty", folder.Position);
        }
        for (var i = 0; i < folder.Entries.Count; i++)
        {
            var (key, value) = folder.Entries[i];
            // The keys determine the order of the files and so every offset; only sorted keys are unambiguous.
            if (i > 0 && folder.Entries[i - 1].Key.Span.SequenceCompareTo(key.Span) >= 0)
            {
                return Reject("the file tree is not sorted, or contains a name twice", value.Position);
            }
            if (key.IsEmpty || value.Kind != BencodeKind.Dictionary)
            {
                return Reject("the file tree contains something that is neither a file nor a folder", value.Position);
            }
            path.Add(Encoding.UTF8.GetString(key.Span));
            if (path.Count > MetainfoLimits.MaxPathParts)
            {
                return Reject($"a path has more than {MetainfoLimits.MaxPathParts} parts", value.Position);
            }
            var fine = value.Find(default) is { } file ? TryReadLeaf(value, file) : TryReadTree(value);
            if (!fine)
            {
                return false;
            }
            path.RemoveAt(path.Count - 1);
        }
        return true;
    }

    private bool TryReadLeaf(BencodeValue node, BencodeValue file)
    {
        if (node.Entries.Count != 1 || file.Kind != BencodeKind.Dictionary)
        {
            return Reject("a name in the file tree is both a file and a folder", node.Position);
        }
        Hash32? root =
            file.TryGetBytes("pieces root"u8, out var written) && written.Length == Hash32.Length
                ? new Hash32(written.Span)
                : null;
        if (!TryAdd(file, [.. path], root))
        {
            return false;
        }
        var added = files[^1];
        if (added.IsPadding)
        {
            return Reject("the file tree contains padding, which v2 does not allow", file.Position);
        }
        return added.Length == 0
            || added.PiecesRoot is { } own && own != default
            || Reject("a file with data has no pieces root of 32 bytes", file.Position);
    }

    private bool TryAdd(BencodeValue file, IReadOnlyList<string> written, Hash32? root)
    {
        var attributes = file.TryGetText("attr"u8, out var attr) ? attr : "";
        var isLink = HasAttribute(file, 'l');
        var length = 0L;
        // A link takes no space, whatever its length: some writers give that of its target.
        if (!isLink && !file.TryGetInteger("length"u8, out length))
        {
            return Reject("a file has no length", file.Position);
        }
        if (length < 0)
        {
            return Reject($"a file has the length {length}", file.Find("length"u8)!.Position);
        }
        if (files.Count == MetainfoLimits.MaxFiles)
        {
            return Reject($"there are more than {MetainfoLimits.MaxFiles:N0} files", file.Position);
        }
        var link = isLink ? ReadPath(file, "symlink path"u8) ?? [] : null;
        // An empty file has no tree, although libtorrent 2.0.0 to 2.0.3 wrote a root for it.
        var tree = length > 0 ? root : null;
        files.Add(new FileEntry(written, length, attributes, link, tree, file.Position));
        return true;
    }

    private static bool HasAttribute(BencodeValue file, char letter) =>
        file.TryGetText("attr"u8, out var attributes) && attributes.Contains(letter);

    /// <summary>Null when the path is missing, too deep, or not a list of strings.</summary>
    private static List<string>? ReadPath(BencodeValue file, ReadOnlySpan<byte> key)
    {
        if (!file.TryGetList(key, out var parts) || parts is not { Count: > 0 and <= MetainfoLimits.MaxPathParts })
        {
            return null;
        }
        var written = new List<string>(parts.Count);
        foreach (var part in parts)
        {
            if (part.Kind != BencodeKind.Bytes)
            {
                return null;
            }
            written.Add(Encoding.UTF8.GetString(part.Bytes.Span));
        }
        return written;
    }

    private (List<FileEntry>, bool)? Fail(string what, int position)
    {
        Fault = new Fault(what, position);
        return null;
    }

    private bool Reject(string what, int position)
    {
        Fault = new Fault(what, position);
        return false;
    }
}
