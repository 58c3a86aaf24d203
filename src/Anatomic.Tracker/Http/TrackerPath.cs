using System.Text;

namespace Anatomic.Tracker.Http;

internal enum TrackerPath
{
    Announce,
    Scrape,
}
