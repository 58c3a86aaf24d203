using System.Globalization;

namespace Anatomic.Comparison.CommandLine;

/// <summary>The flags of a command line; what nobody asked for is an error.</summary>
internal sealed class Arguments(IEnumerable<string> words)
{
    private readonly List<string> left = [.. words];

    public bool Has(string flag) => left.Remove(flag);

    public string? Text(string flag)
    {
        var at = left.IndexOf(flag);
        if (at < 0)
        {
            return null;
        }
        if (at + 1 == left.Count)
        {
            throw new PeersException($"{flag} wants a value behind it");
        }
        var value = left[at + 1];
        left.RemoveRange(at, 2);
        return value;
    }

    public double Number(string flag, double otherwise, double min, double max) =>
        Text(flag) is not { } text ? otherwise
        : double.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : throw new PeersException($"{flag} is a number from {min:N0} to {max:N0}");

    public int Count(string flag, int otherwise, int min, int max) => (int)Number(flag, otherwise, min, max);

    /// <exception cref="PeersException">There is more on the command line than was asked for.</exception>
    public void Finish()
    {
        if (left.Count > 0)
        {
            throw new PeersException($"nobody knows {left[0]}; see --help");
        }
    }
}
