namespace Anatomic.Tracker.Http;

internal enum TrackerPath
{
    Announce,
    Scrape,
}
