using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Anatomic.Wire.Identity;

/// <summary>The base url of a node or supernode: http or https, a host, perhaps a port and a path that ends with a slash.</summary>
public static class BaseUrl
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
        else if (!TryWriteHost(ref read))
        {
            fault = new Fault("the host of this web address is no name that can be looked up");
        }
        else if (!TryReadAgain(read.AbsolutePath.EndsWith('/') ? read.AbsoluteUri : read.AbsoluteUri + "/", out url))
        {
            fault = new Fault("this web address has more than one spelling; write its path in plain letters");
        }
        return fault is null;
    }

    /// <summary>
    /// A host beyond ASCII gets its one spelling in ASCII (RFC 5890). <see cref="Uri"/> takes hosts that have none, and throws only when
    /// the name is about to be looked up.
    /// </summary>
    private static bool TryWriteHost(ref Uri url)
    {
        if (Ascii.IsValid(url.Host))
        {
            return true;
        }
        try
        {
            url = new UriBuilder(url) { Host = url.IdnHost }.Uri;
            return Ascii.IsValid(url.Host);
        }
        catch (UriFormatException)
        {
            return false;
        }
    }

    /// <summary>
    /// Escapes within escapes (<c>%%2e</c>) are resolved a layer at each reading: such an address would be another one wherever it
    /// is read next, and escaping can make one longer than is taken there.
    /// </summary>
    private static bool TryReadAgain(string text, [NotNullWhen(true)] out Uri? url)
    {
        if (text.Length <= MaxLength && Uri.TryCreate(text, UriKind.Absolute, out url) && url.AbsoluteUri == text)
        {
            return true;
        }
        url = null;
        return false;
    }
}
