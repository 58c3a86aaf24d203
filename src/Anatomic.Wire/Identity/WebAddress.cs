using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Wire.Identity;

/// <summary>The base url of a node or supernode: http or https, a host, perhaps a port and a path that ends with a slash.</summary>
public static class WebAddress
{
    /// <summary>Longest taken; a host name has at most 253 letters.</summary>
    public const int MaxLength = 400;

    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out Fault? fault)
    {
        url = null;
        fault = null;
        if (text.Length > MaxLength || !Uri.TryCreate(text, UriKind.Absolute, out var read))
        {
            fault = new Fault("this is no web address; write http://host:port/ or https://host/");
        }
        else if (read.Scheme is not ("http" or "https"))
        {
            fault = new Fault("a web address begins with http:// or https:// here");
        }
        else if (read.UserInfo.Length > 0 || read.Query.Length > 0 || read.Fragment.Length > 0 || read.Host.Length == 0)
        {
            fault = new Fault("a web address here has no user, no ? and no # part");
        }
        else
        {
            url = read.AbsolutePath.EndsWith('/') ? read : new Uri(read.AbsoluteUri + "/");
        }
        return fault is null;
    }
}
