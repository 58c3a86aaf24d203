using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Anatomic.Cli.Runtime;
using Anatomic.Wire;

namespace Anatomic.Cli.Flags;

/// <summary>What stands behind flags, read; a word that makes no sense is status 2 and says which words do.</summary>
internal static class FlagValues
{
    /// <summary><c>PORT</c> (all addresses), <c>IPv4:PORT</c> or <c>[IPv6]:PORT</c>.</summary>
    public static IReadOnlyList<Endpoint> Listen(IReadOnlyList<string> words) =>
        [.. words.SelectMany(word => ListenAt(word))];

    private static IEnumerable<Endpoint> ListenAt(string word)
    {
        if (ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            var v4 = Endpoint.From(IPAddress.Any, port);
            return Socket.OSSupportsIPv6 ? [v4, Endpoint.From(IPAddress.IPv6Any, port)] : [v4];
        }
        // 1.2.3:4 would be read as 1.2.0.3, after the custom of 1983.
        var whole = word.StartsWith('[') || word.Count(letter => letter == '.') == 3;
        return whole && Endpoint.TryParse(word, out var endpoint)
            ? [endpoint]
            : throw CliException.Arguments(
                $"--listen {word} is no address: write PORT, IPv4:PORT or [IPv6]:PORT, as in --listen 127.0.0.1:6881"
            );
    }

    /// <summary>A number of bytes: <c>500K</c>, <c>2M</c>, <c>1.5GiB</c>; K, M and G are powers of 1024.</summary>
    public static long Bytes(string flag, string word)
    {
        var text = word.Trim().ToUpperInvariant();
        text = text.EndsWith("IB", StringComparison.Ordinal) ? text[..^2] : text.TrimEnd('B');
        long unit = text.Length == 0 ? 0 : "KMGT".IndexOf(text[^1], StringComparison.Ordinal) + 1;
        var digits = unit > 0 ? text[..^1] : text;
        if (
            !double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number * Math.Pow(1024, unit) > long.MaxValue / 2
        )
        {
            throw CliException.Arguments(
                $"{flag} {word} is no number of bytes: write it as in {flag} 500K or {flag} 2M"
            );
        }
        return (long)(number * Math.Pow(1024, unit));
    }

    /// <summary>A duration: <c>90s</c>, <c>10m</c>, <c>2h</c>, <c>1d</c>; a bare number is seconds.</summary>
    public static TimeSpan Time(string flag, string word)
    {
        var text = word.Trim().ToLowerInvariant();
        var unit = text.Length == 0 ? ' ' : text[^1];
        double? seconds = unit switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            _ => null,
        };
        var digits = seconds is null ? text : text[..^1];
        // A thousand years are enough, and fit.
        if (
            !double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number * (seconds ?? 1) > 365_000.0 * 86400
        )
        {
            throw CliException.Arguments(
                $"{flag} {word} is no duration: write it as in {flag} 90s, {flag} 10m or {flag} 2h"
            );
        }
        return TimeSpan.FromSeconds(number * (seconds ?? 1));
    }

    public static double Ratio(string flag, string word) =>
        double.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ratio)
            ? ratio
            : throw CliException.Arguments($"{flag} {word} is no ratio: write it as in {flag} 1.5");

    /// <summary>File numbers as <c>info</c> shows them, from 1: <c>1,3-5</c>; returned from 0.</summary>
    public static IReadOnlyList<int> Selection(string word)
    {
        var chosen = new SortedSet<int>();
        foreach (var part in word.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            if (
                ends.Length > 2
                || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || first < 1
                || last < first
                || last > MaxSelected
            )
            {
                throw Unreadable(word);
            }
            chosen.UnionWith(Enumerable.Range(first - 1, last - first + 1));
        }
        return chosen.Count > 0 ? [.. chosen] : throw Unreadable(word);
    }

    private const int MaxSelected = 1_000_000; // the most files that a torrent may have here

    private static CliException Unreadable(string word) =>
        CliException.Arguments($"--select {word} names no files: write their numbers as in --select 1,3-5");

    public static Uri HttpUrl(string flag, string word) =>
        Uri.TryCreate(word, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw CliException.Arguments(
                $"{flag} {word} is no web address: write it as in {flag} http://node.example:6969/"
            );
}
