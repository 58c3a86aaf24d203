using System.Security.Authentication;
using Anatomic.Machine.Configuration;
using Anatomic.World;

namespace Anatomic.Machine.Http.Client;

/// <summary>Says in plain words why a request failed.</summary>
internal static class HttpErrors
{
    public static NetworkException TooLong(OutboundRequest request) =>
        new($"{request.Url.Authority} sent more than the limit of {request.MaxResponseBytes:N0} bytes");

    public static NetworkException Of(OutboundRequest request, HttpRequestError error, Exception cause)
    {
        if (cause.InnerException is NetworkException dial)
        {
            return dial;
        }
        var server = request.Url.Authority;
        const int MaxHeadKiB = MachineLimits.ReplyHeadKiB;
        var message = error switch
        {
            _ when cause.InnerException is AuthenticationException tls =>
                $"{server} did not present a certificate that this machine trusts: {tls.Message}",
            HttpRequestError.ResponseEnded => $"{server} closed the connection before its response was complete",
            HttpRequestError.InvalidResponse => $"{server} sent a response that is not HTTP",
            HttpRequestError.ConfigurationLimitExceeded =>
                $"{server} sent more than the limit of {MaxHeadKiB} KiB of response headers",
            _ => $"The request to {server} failed: {cause.Message}",
        };
        return new NetworkException(message, cause);
    }
}
