namespace Anatomic.Wire.Bencoding;

/// <summary>Bounds of what is read.</summary>
public static class BencodeLimits
{
    /// <summary>Deepest nesting taken; a v2 file tree is as deep as its folders, whose path is at most some 255 parts long.</summary>
    public const int MaxDepth = 100;

    /// <summary>Most values in one input: the largest torrents in the wild have some 100,000 files of a few values each.</summary>
    public const int MaxValues = 4_000_000;

    /// <summary>Longest spelling of an integer: a minus and 19 digits.</summary>
    public const int MaxIntegerChars = 20;
}
