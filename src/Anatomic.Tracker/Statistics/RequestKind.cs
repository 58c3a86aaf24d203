namespace Anatomic.Tracker.Statistics;

/// <summary>The requests whose latency is measured. The names are metric labels.</summary>
public enum RequestKind
{
    Announce,
    Scrape,
}
