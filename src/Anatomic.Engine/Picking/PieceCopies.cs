namespace Anatomic.Engine.Picking;

/// <summary>How often the pieces of a torrent exist among the connected peers.</summary>
/// <param name="Least">How many peers have the rarest piece; 0: the torrent cannot be completed from them.</param>
/// <param name="Most">How many peers have the most frequent piece.</param>
/// <param name="Distributed">
/// The copies that the peers hold together: <paramref name="Least"/> and, as a fraction, the part of the pieces that
/// exist more often.
/// </param>
internal readonly record struct PieceCopies(int Least, int Most, double Distributed)
{
    /// <param name="availability">How many peers have each piece, without those that have all.</param>
    /// <param name="seeds">How many peers have all.</param>
    public static PieceCopies Of(ReadOnlySpan<int> availability, int seeds)
    {
        if (availability.IsEmpty)
        {
            return default;
        }
        var (least, most, more) = (int.MaxValue, 0, 0);
        foreach (var count in availability)
        {
            if (count < least)
            {
                least = count;
            }
            most = Math.Max(most, count);
        }
        foreach (var count in availability)
        {
            more += count > least ? 1 : 0;
        }
        return new PieceCopies(seeds + least, seeds + most, seeds + least + ((double)more / availability.Length));
    }
}
