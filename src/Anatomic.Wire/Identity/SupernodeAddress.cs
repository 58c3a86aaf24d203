using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Wire.Identity;

/// <summary>
/// The URL and the id of a supernode, written <c>https://host/#id</c>. Clients challenge the id before they use the
/// supernode, even over plain http, so a hijacked host name gains nothing.
/// </summary>
/// <param name="Url">http or https, ends with a slash, without query and fragment.</param>
/// <param name="Id">The supernode's id.</param>
public sealed record SupernodeAddress(Uri Url, NodeId Id)
{
    /// <summary>Longest text; no host name and path in use is longer.</summary>
    public const int MaxTextLength = 512;

    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out SupernodeAddress? address,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        address = null;
        var mark = text.IndexOf('#', StringComparison.Ordinal);
        if (text.Length > MaxTextLength || mark < 0)
        {
            fault = new Fault("a supernode address has the form https://host/#id, where id has 52 characters");
            return false;
        }
        if (!NodeId.TryParse(text.AsSpan(mark + 1), out var id))
        {
            fault = new Fault("the id after the # must have 52 characters: letters a-z and digits 2-7", mark + 1);
            return false;
        }
        if (!BaseUrl.TryParse(text[..mark], out var url, out fault))
        {
            return false;
        }
        address = new SupernodeAddress(url, id);
        return true;
    }

    public override string ToString() => $"{Url.AbsoluteUri}#{Id}";
}
