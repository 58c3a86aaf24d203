namespace Anatomic.Wire.Network;

/// <summary>Bounds of what supernodes and those who ask them send each other.</summary>
public static class SupernodeMessageLimits
{
    /// <summary>Records in one list: a page of 256 KiB holds fewer of the shortest.</summary>
    public const int MaxRecordsAPage = 1_500;

    /// <summary>Orders in the answer of a lookup; more planters of one torrent help nobody.</summary>
    public const int MaxOrdersALookup = 4;

    /// <summary>Ids in an exchange; at 40 bytes each a request of at most 800 kB.</summary>
    public const int MaxExchangeEntries = 20_000;
}
