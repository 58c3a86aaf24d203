namespace Anatomic.Tracker.Statistics;

/// <summary>The result of a request. The names are metric labels.</summary>
public enum RequestOutcome
{
    /// <summary>A UDP connect request (BEP 15), answered with a connection id.</summary>
    Connected,

    /// <summary>A successful announce.</summary>
    Announced,

    /// <summary>A successful scrape: counted once per request, whatever the number of torrents in it.</summary>
    Scraped,

    /// <summary>An announce for a torrent that is not planted here.</summary>
    NotPlanted,

    /// <summary>An announce for a torrent that the operator's lists exclude.</summary>
    Denied,

    /// <summary>An announce or scrape without a valid access token, on a private tracker.</summary>
    NoToken,

    /// <summary>A request above the rate limit of its source.</summary>
    Limited,

    /// <summary>An announce rejected because the tracker is at a limit for swarms, peers or memory.</summary>
    Full,

    /// <summary>An invalid request, answered with its fault.</summary>
    Refused,

    /// <summary>A datagram without a reply: malformed, or without a valid connection id.</summary>
    Dropped,
}
