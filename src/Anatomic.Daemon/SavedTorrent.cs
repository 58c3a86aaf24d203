using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Daemon;

/// <summary>A torrent that the client resumes after a restart.</summary>
public sealed record SavedTorrent
{
    /// <summary>The key in the store: the first swarm id (v1 hash, or else the truncated v2 hash).</summary>
    public required Hash20 Id { get; init; }

    /// <summary>The .torrent file as it was added; empty while only a magnet link is known.</summary>
    public ReadOnlyMemory<byte> Torrent { get; init; }

    /// <summary>The magnet link by which it was added; empty if there was none.</summary>
    public string Magnet { get; init; } = "";

    /// <summary>Absolute path of the folder that contains its files.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether the user has stopped it.</summary>
    public bool IsStopped { get; init; }

    internal byte[] Write() =>
        new BencodeWriter()
            .BeginDictionary()
            .Key("folder"u8)
            .Text(Folder)
            .Key("magnet"u8)
            .Text(Magnet)
            .Key("stopped"u8)
            .Integer(IsStopped ? 1 : 0)
            .Key("torrent"u8)
            .Bytes(Torrent.Span)
            .End()
            .ToArray();

    internal static bool TryRead(
        Hash20 id,
        ReadOnlyMemory<byte> saved,
        [NotNullWhen(true)] out SavedTorrent? torrent,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        torrent = null;
        if (!BencodeValue.TryParse(saved, BencodeMode.Strict, out var value, out fault))
        {
            return false;
        }
        if (
            !value.TryGetText("folder"u8, out var folder)
            || !value.TryGetText("magnet"u8, out var magnet)
            || !value.TryGetInteger("stopped"u8, out var stopped)
            || !value.TryGetBytes("torrent"u8, out var bytes)
        )
        {
            fault = new Fault("a saved torrent lacks a required key");
            return false;
        }
        torrent = new SavedTorrent
        {
            Id = id,
            Torrent = bytes,
            Magnet = magnet,
            Folder = folder,
            IsStopped = stopped != 0,
        };
        return true;
    }
}
