using System.Text;
using Anatomic.World;

namespace Anatomic.Federation.Lookup;

/// <summary>What a stranger's server says, made fit for a line on a person's terminal.</summary>
internal static class SafeText
{
    public static string Of(HttpResponse reply)
    {
        var clean = OneLine(
            Encoding.UTF8.GetString(reply.Body.Span[..Math.Min(reply.Body.Length, FederationLimits.MaxRemoteTextChars)])
        );
        return clean.Length > 0 ? clean : $"status {reply.Status}";
    }

    /// <summary>At most 200 characters of one line, without anything that a terminal obeys.</summary>
    public static string OneLine(string text) =>
        new string([
            .. text.Take(FederationLimits.MaxRemoteTextChars).Select(letter => char.IsControl(letter) ? ' ' : letter),
        ]).Trim();
}
