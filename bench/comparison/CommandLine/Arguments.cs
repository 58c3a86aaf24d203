using System.Globalization;

namespace Anatomic.Comparison.CommandLine;

/// <summary>
/// The flags of a command line. Reading a flag removes it, so that <see cref="RejectUnknown"/> finds the rest.
/// </summary>
internal sealed class Arguments(IEnumerable<string> words)
{
    private readonly List<string> unread = [.. words];

    public bool Has(string flag) => unread.Remove(flag);

    /// <summary>The value after a flag; null if the flag is absent.</summary>
    public string? Text(string flag)
    {
        var at = unread.IndexOf(flag);
        if (at < 0)
        {
            return null;
        }
        if (at + 1 == unread.Count)
        {
            throw new ComparisonException($"{flag} needs a value");
        }
        var value = unread[at + 1];
        unread.RemoveRange(at, 2);
        return value;
    }

    public double Number(string flag, double fallback, double min, double max) =>
        Text(flag) is not { } text ? fallback
        : double.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : throw new ComparisonException($"{flag} must be a number from {min:N0} to {max:N0}");

    public int Count(string flag, int fallback, int min, int max) => (int)Number(flag, fallback, min, max);

    /// <exception cref="ComparisonException">The command line has a word that nothing has read.</exception>
    public void RejectUnknown()
    {
        if (unread.Count > 0)
        {
            throw new ComparisonException($"unknown argument {unread[0]}; see --help");
        }
    }
}
