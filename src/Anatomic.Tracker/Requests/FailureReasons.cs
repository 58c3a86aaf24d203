using Anatomic.Tracker.Statistics;
using Anatomic.Wire;

namespace Anatomic.Tracker.Requests;

/// <summary>What a client is told that gets no peers. UDP replies carry the same words and stay shorter than the request.</summary>
internal static class FailureReasons
{
    public static ReadOnlySpan<byte> For(RequestOutcome outcome) =>
        outcome switch
        {
            RequestOutcome.NotPlanted => "not planted here: this tracker serves only torrents planted on it"u8,
            RequestOutcome.Denied => "the operator of this tracker does not serve this torrent"u8,
            RequestOutcome.NoToken => "this tracker answers only announces with a token, which its operator gives"u8,
            RequestOutcome.Limited => "too many requests from your address: retry in a minute"u8,
            _ => "this tracker is full: try another one, or this one later"u8,
        };

    /// <summary>The words of a fault, which are plain ASCII; returns their length.</summary>
    public static int Write(Fault fault, Span<byte> into)
    {
        var length = Math.Min(fault.What.Length, into.Length);
        for (var i = 0; i < length; i++)
        {
            into[i] = (byte)fault.What[i];
        }
        return length;
    }
}
