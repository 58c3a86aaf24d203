using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Anatomic.Tracker.Snapshots;

/// <summary>What a chunk of a snapshot is.</summary>
internal enum ChunkKind : byte
{
    /// <summary>The first one: magic, version, and the time of day at which it was saved.</summary>
    Head = (byte)'H',

    /// <summary>Swarms, each with a part of its peers.</summary>
    Swarms = (byte)'S',

    /// <summary>The last one: how many swarms and peers stand before it.</summary>
    End = (byte)'E',
}
