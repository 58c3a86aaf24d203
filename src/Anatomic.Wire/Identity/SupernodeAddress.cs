using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Wire.Identity;

/// <summary>
/// Where a supernode is and who it is, written <c>https://host/#id</c>. The id is challenged before the supernode is used, over
/// plain http too, so that a hijacked name leads nowhere.
/// </summary>
/// <param name="Url">http or https, ends with a slash, without query and fragment.</param>
/// <param name="Id">Its id.</param>
public sealed record SupernodeAddress(Uri Url, NodeId Id)
{
    /// <summary>Longest written form taken; longer than any host name and path in use.</summary>
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
            fault = new Fault("a supernode is written https://host/#id, with its id of 52 letters behind the #");
            return false;
        }
        if (!NodeId.TryParse(text.AsSpan(mark + 1), out var id))
        {
            fault = new Fault("the part behind the # is no id: an id is 52 letters a-z and digits 2-7", mark + 1);
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
