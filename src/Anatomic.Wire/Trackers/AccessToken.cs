namespace Anatomic.Wire.Trackers;

/// <summary>
/// The access token of a private tracker: <c>/announce?token=WORD</c> or <c>/WORD/announce</c>, the same for scrapes.
/// </summary>
public static class AccessToken
{
    /// <summary>The first <c>token</c> of a query, still encoded; empty when there is none.</summary>
    public static ReadOnlySpan<byte> FromQuery(ReadOnlySpan<byte> query)
    {
        var reader = new QueryReader(query);
        while (reader.TryNext(out var key, out var value))
        {
            if (key.SequenceEqual("token"u8))
            {
                return value;
            }
        }
        return [];
    }

    /// <summary>
    /// The only folder of a path: <c>WORD</c> in <c>/WORD/announce</c>; empty when the path has no folder, or several.
    /// </summary>
    /// <param name="path">A path without its query.</param>
    /// <param name="name">The part after the last slash.</param>
    public static ReadOnlySpan<byte> FromPath(ReadOnlySpan<byte> path, out ReadOnlySpan<byte> name)
    {
        var slash = path.LastIndexOf((byte)'/');
        name = path[(slash + 1)..];
        return slash > 1 && path[0] == '/' && !path[1..slash].Contains((byte)'/') ? path[1..slash] : [];
    }

    /// <summary>The token in the URL data of a UDP announce (BEP 41): a path, a query or both.</summary>
    public static ReadOnlySpan<byte> FromUrlData(ReadOnlySpan<byte> urlData)
    {
        var mark = urlData.IndexOf((byte)'?');
        var path = mark < 0 ? urlData : urlData[..mark];
        var folder = FromPath(path, out _);
        return !folder.IsEmpty || mark < 0 ? folder : FromQuery(urlData[(mark + 1)..]);
    }
}
