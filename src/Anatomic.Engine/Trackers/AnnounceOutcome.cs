using Anatomic.Wire.Trackers;

namespace Anatomic.Engine.Trackers;

/// <summary>
/// The result of one announce: the tracker's response, which may be a rejection, or why there is none.
/// </summary>
internal sealed record AnnounceOutcome
{
    /// <summary>The tracker's response; null when there is none that can be read.</summary>
    public AnnounceResponse? Response { get; init; }

    /// <summary>Why there is no response, for the user; empty when there is one.</summary>
    public string Failure { get; init; } = "";

    /// <summary>
    /// How long the tracker wants to be left alone (HTTP's Retry-After, RFC 9110, 10.2.3); null: not given.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// The tracker sent something, even if it cannot be used. When it sent nothing, every other torrent would fail too.
    /// </summary>
    public bool WasReached { get; init; }

    /// <summary>The failure concerns the tracker, whichever swarm it is asked for.</summary>
    public bool IsOfTracker => Response is null && (!WasReached || RetryAfter is not null);

    /// <summary>Asking again is useless: the URL cannot be used.</summary>
    public bool IsFinal { get; init; }

    /// <summary>The tracker sent nothing.</summary>
    public static AnnounceOutcome Unreachable(string reason) => new() { Failure = reason };
}
