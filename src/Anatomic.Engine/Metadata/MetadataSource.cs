using Anatomic.Wire;

namespace Anatomic.Engine.Metadata;

/// <summary>A peer that announced the info dictionary, and what it was asked for.</summary>
internal sealed class MetadataSource(int number, Endpoint address, int length, DateTimeOffset now)
{
    public int Number => number;
    public Endpoint Address => address.WithPort(0);

    /// <summary>The length it claims.</summary>
    public int Length => length;

    /// <summary>What its pieces are added to; null while others that sent different data are tried first.</summary>
    public MetadataAssembly? Assembly { get; set; }

    /// <summary>The pieces it was asked for, and when.</summary>
    public Dictionary<int, DateTimeOffset> Outstanding { get; } = [];

    /// <summary>When it last sent a piece, or the first of the outstanding requests was sent.</summary>
    public DateTimeOffset LastProgress { get; set; } = now;

    /// <summary>It has nothing before this time, as it said.</summary>
    public DateTimeOffset PausedUntil { get; set; }

    /// <summary>How many requests it may have; grows with each piece it sends.</summary>
    public int MaxOutstanding { get; set; } = 1;
}
