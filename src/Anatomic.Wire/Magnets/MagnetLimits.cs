namespace Anatomic.Wire.Magnets;

/// <summary>Bounds of what is read from a magnet link.</summary>
public static class MagnetLimits
{
    /// <summary>Longest link: room for the trackers and web seeds of any real one; command lines and pages take no more.</summary>
    public const int MaxChars = 64 * 1024;

    /// <summary>Longest URL or peer that is taken; servers refuse longer ones.</summary>
    public const int MaxValueChars = 4_096;
}
