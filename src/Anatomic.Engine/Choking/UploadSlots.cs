namespace Anatomic.Engine.Choking;

/// <summary>The number of peers that are unchoked at the same time.</summary>
internal static class UploadSlots
{
    /// <summary>Slots with neither a limit nor much upload: enough to find good partners (BEP 3 uses four).</summary>
    private const int Usual = 8;
    private const int Most = 100;

    /// <summary>Without a limit, one more slot is opened for each of these bytes per second that are sent.</summary>
    private const long BytesPerSlot = 512 * 1024;

    /// <summary>
    /// The slots of a torrent. With an upload limit it is the original client's rule: the root of six tenths of the
    /// limit in KiB, so that more bandwidth means both more slots and faster ones.
    /// </summary>
    /// <param name="setting">The number that the user set; 0: automatic.</param>
    /// <param name="limit">The upload limit in bytes per second; 0: none.</param>
    /// <param name="rate">What is sent at present, in bytes per second.</param>
    public static int For(int setting, long limit, long rate)
    {
        if (setting > 0)
        {
            return setting;
        }
        var limitKib = limit / 1024.0;
        return limit switch
        {
            0 => (int)Math.Min(Usual + (rate / BytesPerSlot), Most),
            < 9 * 1024 => 2,
            < 15 * 1024 => 3,
            < 42 * 1024 => 4,
            _ => (int)Math.Min(Math.Sqrt(limitKib * 0.6), Most),
        };
    }
}
