namespace Anatomic.Wire.Trackers;

/// <summary>Iterates over the pairs of a query (<c>a=1&amp;b=2</c>) without decoding them.</summary>
public ref struct QueryReader(ReadOnlySpan<byte> query)
{
    private ReadOnlySpan<byte> rest = query;

    /// <summary>A key without an equals sign has an empty value; empty pairs are skipped.</summary>
    public bool TryNext(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'&');
            var pair = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (pair.IsEmpty)
            {
                continue;
            }
            var equals = pair.IndexOf((byte)'=');
            key = equals < 0 ? pair : pair[..equals];
            value = equals < 0 ? [] : pair[(equals + 1)..];
            return true;
        }
        key = [];
        value = [];
        return false;
    }
}
