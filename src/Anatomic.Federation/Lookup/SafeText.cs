using System.Text;
using Anatomic.World;

namespace Anatomic.Federation.Lookup;

/// <summary>Makes text from a remote server safe for one line on a terminal.</summary>
internal static class SafeText
{
    public static string Of(HttpResponse response)
    {
        var bytes = response.Body.Span[..Math.Min(response.Body.Length, FederationLimits.MaxRemoteTextChars)];
        var line = OneLine(Encoding.UTF8.GetString(bytes));
        return line.Length > 0 ? line : $"status {response.Status}";
    }

    /// <summary>At most 200 characters, without line breaks and other control characters.</summary>
    public static string OneLine(string text) =>
        new string([
            .. text.Take(FederationLimits.MaxRemoteTextChars).Select(letter => char.IsControl(letter) ? ' ' : letter),
        ]).Trim();
}
