using System.Security.Authentication;
using Anatomic.World;

namespace Anatomic.Machine.Http.Client;

/// <summary>What went wrong with an exchange, as sentences for a person.</summary>
internal static class HttpErrors
{
    public static NetworkException TooLong(OutboundRequest ask) =>
        new($"{ask.Url.Authority} answered with more than the {ask.MaxResponseBytes:N0} bytes that are taken");

    public static NetworkException Of(OutboundRequest ask, HttpRequestError error, Exception cause)
    {
        if (cause.InnerException is NetworkException dial)
        {
            return dial;
        }
        var who = ask.Url.Authority;
        var what = error switch
        {
            _ when cause.InnerException is AuthenticationException tls =>
                $"{who} could not show a certificate that this machine trusts: {tls.Message}",
            HttpRequestError.ResponseEnded => $"{who} broke the connection off before its answer was complete",
            HttpRequestError.InvalidResponse => $"{who} answered with something that is not HTTP",
            HttpRequestError.ConfigurationLimitExceeded => $"{who} answered with more header lines than are taken",
            _ => $"The exchange with {who} failed: {cause.Message}",
        };
        return new NetworkException(what, cause);
    }
}
