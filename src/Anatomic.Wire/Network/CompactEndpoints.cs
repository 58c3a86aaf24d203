namespace Anatomic.Wire.Network;

/// <summary>Lists of compact addresses: 6 bytes each for IPv4 (BEP 23), 18 for IPv6 (BEP 7).</summary>
internal static class CompactEndpoints
{
    public const int V4Length = 6;
    public const int V6Length = 18;

    public static byte[] Write(IEnumerable<Endpoint> endpoints, bool v4)
    {
        var bytes = new List<byte>();
        Span<byte> one = stackalloc byte[V6Length];
        foreach (var endpoint in endpoints)
        {
            if (endpoint.IsV4 == v4)
            {
                bytes.AddRange(one[..endpoint.WriteCompact(one)]);
            }
        }
        return [.. bytes];
    }

    /// <summary>
    /// False for incomplete addresses, and for IPv4 addresses written as IPv6, so that each has one encoding.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, bool v4, List<Endpoint> into)
    {
        var length = v4 ? V4Length : V6Length;
        if (bytes.Length % length != 0)
        {
            return false;
        }
        for (var at = 0; at < bytes.Length; at += length)
        {
            var endpoint = Endpoint.FromCompact(bytes.Slice(at, length));
            if (endpoint.IsV4 != v4)
            {
                return false;
            }
            into.Add(endpoint);
        }
        return true;
    }
}
