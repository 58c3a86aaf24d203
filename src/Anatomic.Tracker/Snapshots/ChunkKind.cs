namespace Anatomic.Tracker.Snapshots;

/// <summary>The kind of a chunk of a snapshot.</summary>
internal enum ChunkKind : byte
{
    /// <summary>The first chunk: magic, version, and the time of day of the snapshot.</summary>
    Head = (byte)'H',

    /// <summary>Records of swarms, each with some or all of its peers.</summary>
    Swarms = (byte)'S',

    /// <summary>The last chunk: the number of records and peers in the file.</summary>
    End = (byte)'E',
}
