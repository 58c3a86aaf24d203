namespace Anatomic.Wire.Trackers;

/// <summary>The kinds of packets of BEP 15.</summary>
public enum UdpAction
{
    Connect = 0,
    Announce = 1,
    Scrape = 2,

    /// <summary>Only in replies.</summary>
    Error = 3,
}
