using System.Net;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Outbound;

/// <summary>
/// Requests to urls that others named (server-side request forgery, DNS rebinding): the host is resolved once, every one of its
/// addresses is checked, and that very address is dialled. No redirects, no proxies; a bound and a deadline on every reply.
/// </summary>
public sealed class PublicHttpClient(IWorld world, NetworkOptions network)
{
    private const int MinFreePort = 1024;

    /// <summary>Sends a request. Throws <see cref="NetworkException"/> for what may not be dialled and for every failure.</summary>
    /// <param name="ask">The request; its <see cref="OutboundRequest.DialAddress"/> is set here.</param>
    /// <param name="stop">Ends the wait.</param>
    public async ValueTask<OutboundResponse> SendAsync(OutboundRequest ask, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(ask.Timeout, world.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            var dial = await ResolveAsync(ask.Url, either.Token);
            return await world.Http.SendAsync(ask with { DialAddress = dial }, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new NetworkException($"{ask.Url.Host} did not answer within {ask.Timeout.TotalSeconds:0.#} seconds");
        }
    }

    /// <summary>The same, to an address that is already known and was checked by <see cref="CheckAddress"/>.</summary>
    public ValueTask<OutboundResponse> SendToAsync(OutboundRequest ask, Endpoint dial, CancellationToken stop)
    {
        CheckAddress(dial);
        CheckPort(dial.Port);
        return world.Http.SendAsync(ask with { DialAddress = dial }, stop);
    }

    /// <summary>Whether a url's host has one of these addresses, at the url's port.</summary>
    public async Task<bool> ResolvesToAsync(Uri url, IReadOnlyList<Endpoint> addresses, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(FederationLimits.RequestTimeout, world.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            var found = await world.Network.ResolveAsync(url.IdnHost.Trim('[', ']'), either.Token);
            return found.Any(address => addresses.Contains(Endpoint.From(address, url.Port)));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new NetworkException($"the name {url.Host} could not be resolved in time");
        }
    }

    /// <summary>Resolves a url's host once and checks all addresses; the first one is to be dialled.</summary>
    public async ValueTask<Endpoint> ResolveAsync(Uri url, CancellationToken stop)
    {
        if (url.Scheme is not ("http" or "https"))
        {
            throw new NetworkException($"{url.Scheme} urls are not asked; only http and https");
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

    /// <summary>Throws unless the address may be dialled in this network.</summary>
    public void CheckAddress(Endpoint endpoint)
    {
        if (!AddressRules.IsUnicast(endpoint) || (!network.AllowsPrivate && !AddressRules.IsPublic(endpoint)))
        {
            throw new NetworkException(
                "the url leads to an address that is not of the public Internet; private ones are dialled only in local- networks"
            );
        }
    }

    private void CheckPort(int port)
    {
        if (port is not (80 or 443) and < MinFreePort)
        {
            throw new NetworkException($"port {port} is not dialled; only 80, 443 and from {MinFreePort} on");
        }
    }
}
