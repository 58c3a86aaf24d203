using Anatomic.Tracker.Statistics;
using Anatomic.Wire;

namespace Anatomic.Tracker.Requests;

/// <summary>
/// The failure reasons that clients show to people, over HTTP (BEP 3) and UDP (BEP 15). A UDP reply must not be longer
/// than its request, so that nobody can use the tracker to amplify traffic: a reason has at most 90 bytes.
/// </summary>
internal static class FailureReasons
{
    public static ReadOnlySpan<byte> For(RequestOutcome outcome) =>
        outcome switch
        {
            RequestOutcome.NotPlanted => "not planted here: this tracker serves only torrents planted on it"u8,
            RequestOutcome.Denied => "the operator of this tracker does not serve this torrent"u8,
            RequestOutcome.NoToken => "this tracker needs a token: ask its operator for an announce URL with one"u8,
            RequestOutcome.Limited => "too many requests from your address: retry in a minute"u8,
            _ => "this tracker is full: try another tracker, or try again later"u8,
        };

    /// <summary>Writes a fault's text, which is ASCII, as far as it fits. Returns its length.</summary>
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
