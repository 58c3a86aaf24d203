using System.Net;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Outbound;

/// <summary>
/// Sends requests to URLs that others named. Against server-side request forgery and DNS rebinding, it resolves the
/// host once, checks every address and dials that very address. It follows no redirects and uses no proxies, and each
/// response has a size limit and a timeout.
/// </summary>
public sealed class PublicHttpClient(IWorld world, NetworkOptions network)
{
    private const int MinUnprivilegedPort = 1024;

    /// <summary>Sends a request.</summary>
    /// <param name="request">The request; its <see cref="OutboundRequest.DialAddress"/> is set here.</param>
    /// <exception cref="NetworkException">The address must not be dialled, or the request failed.</exception>
    public async ValueTask<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(request.Timeout, world.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            var address = await ResolveAsync(request.Url, either.Token);
            return await world.Http.SendAsync(request with { DialAddress = address }, either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new NetworkException(
                $"{request.Url.Host} did not answer within {request.Timeout.TotalSeconds:0.#} seconds"
            );
        }
    }

    /// <summary>Sends a request to an address that is already known, after checking it.</summary>
    /// <exception cref="NetworkException">The address must not be dialled, or the request failed.</exception>
    public ValueTask<OutboundResponse> SendToAsync(OutboundRequest request, Endpoint address, CancellationToken stop)
    {
        CheckAddress(address);
        CheckPort(address.Port);
        return world.Http.SendAsync(request with { DialAddress = address }, stop);
    }

    /// <summary>Whether a URL's host resolves to one of these addresses, at the URL's port.</summary>
    /// <exception cref="NetworkException">The name could not be resolved in time.</exception>
    public async Task<bool> ResolvesToAsync(Uri url, IReadOnlyList<Endpoint> addresses, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(FederationLimits.RequestTimeout, world.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            var found = await world.Network.ResolveAsync(url.IdnHost.Trim('[', ']'), either.Token);
            return found.Any(address => addresses.Contains(Endpoint.From(address, url.Port)));
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new NetworkException($"the name {url.Host} could not be resolved in time");
        }
    }

    /// <summary>Resolves a URL's host once, checks all of its addresses and returns the first.</summary>
    /// <exception cref="NetworkException">The host has no address, or one that must not be dialled.</exception>
    public async ValueTask<Endpoint> ResolveAsync(Uri url, CancellationToken stop)
    {
        if (url.Scheme is not ("http" or "https"))
        {
            throw new NetworkException($"a URL must begin with http or https, not {url.Scheme}");
        }
        CheckPort(url.Port);
        var addresses = await world.Network.ResolveAsync(url.IdnHost.Trim('[', ']'), stop);
        Endpoint? first = null;
        foreach (IPAddress address in addresses)
        {
            var endpoint = Endpoint.From(address, url.Port);
            CheckAddress(endpoint);
            first ??= endpoint;
        }
        return first ?? throw new NetworkException($"{url.Host} has no address");
    }

    /// <summary>Checks that an address may be dialled in this network.</summary>
    /// <exception cref="NetworkException">It may not.</exception>
    public void CheckAddress(Endpoint endpoint)
    {
        if (!AddressRules.IsUnicast(endpoint) || (!network.AllowsPrivate && !AddressRules.IsPublic(endpoint)))
        {
            throw new NetworkException(
                "the URL leads to an address outside the public Internet, which only local- networks allow"
            );
        }
    }

    private static void CheckPort(int port)
    {
        if (port is not (80 or 443) and < MinUnprivilegedPort)
        {
            throw new NetworkException(
                $"port {port} is not allowed; use 80, 443 or a port from {MinUnprivilegedPort} on"
            );
        }
    }
}
