using System.Globalization;

namespace Anatomic.Engine.Trackers;

/// <summary>Reads HTTP's Retry-After: seconds, or a date in one of the three forms of RFC 9110, 5.6.7.</summary>
internal static class RetryAfter
{
    private static readonly string[] DateForms =
    [
        "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        "dddd, dd-MMM-yy HH:mm:ss 'GMT'",
        "ddd MMM d HH:mm:ss yyyy",
    ];

    /// <summary>The time to wait; null when the header is missing, unreadable or in the past.</summary>
    /// <param name="now">Our time, for a date when the server does not send its own.</param>
    public static TimeSpan? Of(IReadOnlyDictionary<string, string> headers, DateTimeOffset now)
    {
        if (!headers.TryGetValue("retry-after", out var value))
        {
            return null;
        }
        value = value.Trim();
        TimeSpan wait;
        if (value.Length > 0 && !value.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            // More than 9 digits exceed every limit.
            wait = value.Length > 9 ? TimeSpan.MaxValue : TimeSpan.FromSeconds(int.Parse(value));
        }
        else if (TryReadDate(value, out var until))
        {
            // The server's clock may differ from ours.
            var sent = headers.TryGetValue("date", out var date) && TryReadDate(date, out var theirs) ? theirs : now;
            wait = until - sent;
        }
        else
        {
            return null;
        }
        return wait <= TimeSpan.Zero ? null
            : wait > EngineLimits.MaxAnnounceInterval ? EngineLimits.MaxAnnounceInterval
            : wait;
    }

    private static bool TryReadDate(string text, out DateTimeOffset date) =>
        DateTimeOffset.TryParseExact(
            text.Trim(),
            DateForms,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite,
            out date
        );
}
