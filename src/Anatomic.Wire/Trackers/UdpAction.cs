namespace Anatomic.Wire.Trackers;

/// <summary>The packet types of BEP 15.</summary>
public enum UdpAction
{
    Connect = 0,
    Announce = 1,
    Scrape = 2,

    /// <summary>Only in responses.</summary>
    Error = 3,
}
