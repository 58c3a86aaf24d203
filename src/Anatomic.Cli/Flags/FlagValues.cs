using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Anatomic.Cli.Runtime;
using Anatomic.Wire;

namespace Anatomic.Cli.Flags;

/// <summary>Converts the text of flags. An invalid value is a usage error that shows a valid one.</summary>
internal static class FlagValues
{
    // A thousand years: longer than anyone waits, and within TimeSpan's range.
    private const double MaxSeconds = 365_000.0 * 86400;

    /// <summary><c>PORT</c> (all addresses), <c>IPv4:PORT</c> or <c>[IPv6]:PORT</c>.</summary>
    public static IReadOnlyList<Endpoint> Endpoints(IReadOnlyList<string> texts) =>
        [.. texts.SelectMany(ParseEndpoint)];

    private static IEnumerable<Endpoint> ParseEndpoint(string text)
    {
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            var v4 = Endpoint.From(IPAddress.Any, port);
            return Socket.OSSupportsIPv6 ? [v4, Endpoint.From(IPAddress.IPv6Any, port)] : [v4];
        }
        // inet_aton(3) reads 1.2.3 as 1.2.0.3; nobody means that.
        var isComplete = text.StartsWith('[') || text.Count(letter => letter == '.') == 3;
        return isComplete && Endpoint.TryParse(text, out var endpoint)
            ? [endpoint]
            : throw CliException.UsageError(
                $"--listen {text} is not an address: use PORT, IPv4:PORT or [IPv6]:PORT, "
                    + "for example --listen 127.0.0.1:6881"
            );
    }

    /// <summary>A number of bytes: <c>500K</c>, <c>2M</c>, <c>1.5GiB</c>; K, M, G and T are powers of 1024.</summary>
    public static long Bytes(string flag, string value)
    {
        var text = value.Trim().ToUpperInvariant();
        text = text.EndsWith("IB", StringComparison.Ordinal) ? text[..^2] : text.TrimEnd('B');
        long power = text.Length == 0 ? 0 : "KMGT".IndexOf(text[^1], StringComparison.Ordinal) + 1;
        var digits = power > 0 ? text[..^1] : text;
        if (
            !double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number * Math.Pow(1024, power) > long.MaxValue / 2
        )
        {
            throw CliException.UsageError($"{flag} {value} is not a size: use for example {flag} 500K or {flag} 2M");
        }
        return (long)(number * Math.Pow(1024, power));
    }

    /// <summary>A duration: <c>90s</c>, <c>10m</c>, <c>2h</c>, <c>1d</c>; a plain number is seconds.</summary>
    public static TimeSpan Duration(string flag, string value)
    {
        var text = value.Trim().ToLowerInvariant();
        var unit = text.Length == 0 ? ' ' : text[^1];
        double? unitSeconds = unit switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            _ => null,
        };
        var digits = unitSeconds is null ? text : text[..^1];
        if (
            !double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number * (unitSeconds ?? 1) > MaxSeconds
        )
        {
            throw CliException.UsageError(
                $"{flag} {value} is not a duration: use for example {flag} 90s, {flag} 10m or {flag} 2h"
            );
        }
        return TimeSpan.FromSeconds(number * (unitSeconds ?? 1));
    }

    public static double Ratio(string flag, string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ratio)
            ? ratio
            : throw CliException.UsageError($"{flag} {value} is not a ratio: use for example {flag} 1.5");

    /// <summary>A whole number from 0 on; <paramref name="fallback"/> if the flag is not set.</summary>
    public static int Number(string flag, string? value, int fallback) =>
        value is not { Length: > 0 } ? fallback
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw CliException.UsageError(
            $"{flag} {value} is not a whole number: use for example {flag} {Math.Max(fallback, 100)}"
        );

    /// <summary>A number of nodes that hold a torrent: 1 to <see cref="CliLimits.MaxNodes"/>.</summary>
    public static int NodeCount(int count) =>
        count is >= 1 and <= CliLimits.MaxNodes
            ? count
            : throw CliException.UsageError($"--nodes {count} must be from 1 to {CliLimits.MaxNodes}");

    /// <summary>File numbers as <c>info</c> shows them, from 1: <c>1,3-5</c>. The result counts from 0.</summary>
    public static IReadOnlyList<int> FileNumbers(string value)
    {
        var chosen = new SortedSet<int>();
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            if (
                ends.Length > 2
                || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || first < 1
                || last < first
                || last > CliLimits.MaxFileNumber
            )
            {
                throw InvalidFileNumbers(value);
            }
            chosen.UnionWith(Enumerable.Range(first - 1, last - first + 1));
        }
        return chosen.Count > 0 ? [.. chosen] : throw InvalidFileNumbers(value);
    }

    private static CliException InvalidFileNumbers(string value) =>
        CliException.UsageError($"--select {value} is not a list of files: use their numbers, as in --select 1,3-5");

    public static Uri HttpUrl(string flag, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw CliException.UsageError(
                $"{flag} {value} is not a web address: use for example {flag} http://node.example:6969/"
            );

    /// <summary>An address, or a network such as <c>10.0.0.0/8</c>.</summary>
    public static IPNetwork Network(string flag, string value)
    {
        if (IPNetwork.TryParse(value, out var network))
        {
            return network;
        }
        return IPAddress.TryParse(value, out var address)
            ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : throw CliException.UsageError(
                $"{flag} {value} is not an address: use for example {flag} 127.0.0.1 or {flag} 10.0.0.0/8"
            );
    }

    /// <summary>A peer as <c>HOST:PORT</c>, checked for its form only.</summary>
    public static string Peer(string value)
    {
        var colon = value.LastIndexOf(':');
        return colon >= 1 && ushort.TryParse(value.AsSpan(colon + 1), out var port) && port != 0
            ? value
            : throw CliException.UsageError(
                $"--peer {value} is not a peer: use HOST:PORT, for example --peer 192.0.2.7:6881"
            );
    }
}
