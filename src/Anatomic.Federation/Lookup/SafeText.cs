using System.Text;
using Anatomic.World;

namespace Anatomic.Federation.Lookup;

/// <summary>What a stranger's server says, made fit for a line on a person's terminal.</summary>
internal static class SafeText
{
    private const int MaxChars = 200;

    public static string Of(HttpResponse reply)
    {
        var clean = Clean(Encoding.UTF8.GetString(reply.Body.Span[..Math.Min(reply.Body.Length, MaxChars)]));
        return clean.Length > 0 ? clean : $"status {reply.Status}";
    }

    /// <summary>At most 200 characters of one line, without anything that a terminal obeys.</summary>
    public static string Clean(string text) =>
        new string([.. text.Take(MaxChars).Select(letter => char.IsControl(letter) ? ' ' : letter)]).Trim();
}
