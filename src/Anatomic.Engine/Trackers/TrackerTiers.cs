namespace Anatomic.Engine.Trackers;

/// <summary>Announce URLs in tiers (BEP 12).</summary>
internal static class TrackerTiers
{
    /// <summary>
    /// Adds the trackers of a duplicate, each at the end of its tier. Known ones are skipped, and so are those beyond
    /// <see cref="EngineLimits.MaxTrackers"/>.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<string>> Merge(
        IReadOnlyList<IReadOnlyList<string>> tiers,
        IReadOnlyList<IReadOnlyList<string>> others
    )
    {
        var merged = tiers.Select(tier => tier.ToList()).ToList();
        var known = tiers.SelectMany(tier => tier).ToHashSet(StringComparer.Ordinal);
        for (var tier = 0; tier < others.Count; tier++)
        {
            foreach (var url in others[tier])
            {
                if (known.Count >= EngineLimits.MaxTrackers || !known.Add(url))
                {
                    continue;
                }
                while (merged.Count <= tier)
                {
                    merged.Add([]);
                }
                merged[tier].Add(url);
            }
        }
        merged.RemoveAll(tier => tier.Count == 0);
        return merged;
    }
}
