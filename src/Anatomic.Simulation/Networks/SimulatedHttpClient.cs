using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>HTTP between simulated hosts, with the limits and failures of the real client.</summary>
internal sealed class SimulatedHttpClient(SimulatedNetwork network) : IHttpClient
{
    public async ValueTask<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var to = request.DialAddress ?? await ResolveAsync(request.Url, stop);
        var from = network.Streams.SourceAddressFor(to, network.Streams.AllocateEphemeralPort());
        var pending = new PendingRequest(network, request, from, to);
        await using var stopping = stop.Register(() => pending.Completion.TrySetCanceled(stop));
        return await pending.SendAsync();
    }

    private async ValueTask<Endpoint> ResolveAsync(Uri url, CancellationToken stop)
    {
        var addresses = await network.ResolveAsync(url.DnsSafeHost, stop);
        return Endpoint.From(addresses[0], url.Port);
    }

    private sealed class PendingRequest(SimulatedNetwork network, OutboundRequest request, Endpoint from, Endpoint to)
        : IBreakable
    {
        private INetworkHost? target;

        public TaskCompletionSource<OutboundResponse> Completion { get; } = new();

        private string Server => $"{request.Url.Scheme}://{request.Url.Authority}";

        public async Task<OutboundResponse> SendAsync()
        {
            var process = network.Process;
            target = network.Internet.HostAt(network.Host, to);
            var id = network.Internet.Track(this);
            var timeout = process.Scheduler.Schedule(
                request.Timeout.Ticks,
                process,
                () => Fail($"{Server} gives no answer within {request.Timeout.TotalSeconds:0.#} s")
            );
            if (target is not null)
            {
                // Connecting costs a round trip before the request leaves.
                network.SendTo(target, there => there.SendTo(network.Host, _ => network.SendTo(target, Arrive)));
            }
            try
            {
                return await Completion.Task;
            }
            finally
            {
                timeout.Cancel();
                network.Internet.Untrack(id);
            }
        }

        public bool Involves(INetworkHost host) => target == host;

        // A partition breaks no request at once: its messages are lost, and it times out.
        public bool IsBetween(INetworkHost left, INetworkHost right) => false;

        public void Break(string reason, TimeSpan delay)
        {
            network.Process.Scheduler.Schedule(
                delay.Ticks + network.Internet.DrawDelay(target!, network.Host),
                network.Process,
                () => Fail($"{Server}: {reason}")
            );
        }

        private void Arrive(SimulatedNetwork there)
        {
            if (there.Streams.Find(to) is SimulatedHttpServer server)
            {
                _ = RespondAsync(server, there);
            }
            else
            {
                there.SendTo(network.Host, _ => Fail($"{Server} refuses the connection: nothing listens there"));
            }
        }

        private async Task RespondAsync(SimulatedHttpServer server, SimulatedNetwork there)
        {
            var response = await server.RespondAsync(request, from);
            there.SendTo(network.Host, _ => Complete(response));
        }

        private void Complete(HttpResponse response)
        {
            network.Process.Scheduler.Record(
                network.Process,
                TraceKind.ResponseReceived,
                Server,
                response.Status,
                StableHash.Of(response.Body.Span)
            );
            if (response.Body.Length > request.MaxResponseBytes)
            {
                Fail($"{Server} answers with more than {request.MaxResponseBytes:N0} bytes");
                return;
            }
            // A copy, as from a socket: the server may reuse its buffer.
            var body = request.Method == "HEAD" ? [] : response.Body.ToArray();
            Completion.TrySetResult(new OutboundResponse(response with { Body = body }, to));
        }

        private void Fail(string reason) => Completion.TrySetException(new NetworkException(reason));
    }
}
