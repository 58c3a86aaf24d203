namespace Anatomic.Tracker.Statistics;

/// <summary>The protocol of a request. The names are metric labels.</summary>
public enum TrackerProtocol
{
    Http,
    Udp,
}
