using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Anatomic.Wire.Identity;

/// <summary>
/// The base URL of a node or supernode: http or https, a host, an optional port, and a path that ends with a slash.
/// </summary>
public static class BaseUrl
{
    /// <summary>Longest URL, in characters; a host name has at most 253.</summary>
    public const int MaxLength = 400;

    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out Fault? fault)
    {
        url = null;
        fault = null;
        if (text.Length > MaxLength || !Uri.TryCreate(text, UriKind.Absolute, out var read))
        {
            fault = new Fault("this is not a URL; write http://host:port/ or https://host/");
        }
        else if (read.Scheme is not ("http" or "https"))
        {
            fault = new Fault("the URL must start with http:// or https://");
        }
        else if (read.UserInfo.Length > 0 || read.Query.Length > 0 || read.Fragment.Length > 0 || read.Host.Length == 0)
        {
            fault = new Fault("the URL must not have a user name, a query or a fragment");
        }
        else if (!TryWriteHost(ref read))
        {
            fault = new Fault("the host name of this URL is not valid");
        }
        else if (!TryReadAgain(read.AbsolutePath.EndsWith('/') ? read.AbsoluteUri : read.AbsoluteUri + "/", out url))
        {
            fault = new Fault("this URL can be read in more than one way; write its path without escapes");
        }
        return fault is null;
    }

    /// <summary>
    /// Encodes a non-ASCII host in ASCII (RFC 5890). <see cref="Uri"/> also accepts hosts that have no such encoding,
    /// and only throws when the name is looked up.
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
    /// Each reading resolves one layer of nested escapes (<c>%%2e</c>), so such a URL would change with every reader.
    /// Escaping may also make a URL longer than others accept.
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
