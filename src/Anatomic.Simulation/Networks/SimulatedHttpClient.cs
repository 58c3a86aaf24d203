using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>HTTP between hosts of the simulation, with the bounds and the failures of the real exchange.</summary>
internal sealed class SimulatedHttpClient(SimulatedNetwork network) : IHttpClient
{
    public async ValueTask<OutboundResponse> SendAsync(OutboundRequest ask, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var to = ask.DialAddress ?? await ResolveAsync(ask.Url, stop);
        var from = network.Streams.SourceAddressFor(to, network.Streams.AllocateEphemeralPort());
        var request = new Request(network, ask, from, to);
        await using var stopping = stop.Register(() => request.End.TrySetCanceled(stop));
        return await request.SendAsync();
    }

    private async ValueTask<Endpoint> ResolveAsync(Uri url, CancellationToken stop)
    {
        var addresses = await network.ResolveAsync(url.DnsSafeHost, stop);
        return Endpoint.From(addresses[0], url.Port);
    }

    private sealed class Request(SimulatedNetwork network, OutboundRequest ask, Endpoint from, Endpoint to) : IBreakable
    {
        private SimulatedHost? target;

        public TaskCompletionSource<OutboundResponse> End { get; } = new();

        public async Task<OutboundResponse> SendAsync()
        {
            var process = network.Process;
            target = network.Internet.HostAt(network.Host, to);
            var id = network.Internet.Track(this);
            var deadline = process.Scheduler.After(
                ask.Timeout.Ticks,
                process,
                () => Fail($"{Name} gives no answer within {ask.Timeout.TotalSeconds:0.#} s")
            );
            if (target is not null)
            {
                // Connecting costs a round trip before the request leaves.
                network.Reach(target, there => there.Reach(network.Host, _ => network.Reach(target, Arrive)));
            }
            try
            {
                return await End.Task;
            }
            finally
            {
                deadline.Cancel();
                network.Internet.Forget(id);
            }
        }

        public bool Touches(SimulatedHost host) => target == host;

        public bool IsBetween(SimulatedHost left, SimulatedHost right) => false;

        public void Break(string why, TimeSpan delay)
        {
            network.Process.Scheduler.After(
                delay.Ticks + network.Internet.Travel(target!, network.Host),
                network.Process,
                () => Fail($"{Name}: {why}")
            );
        }

        private string Name => $"{ask.Url.Scheme}://{ask.Url.Authority}";

        private void Arrive(SimulatedNetwork there)
        {
            if (there.Streams.Find(to) is SimulatedHttpServer serving)
            {
                _ = AnswerAsync(serving, there);
            }
            else
            {
                there.Reach(network.Host, _ => Fail($"{Name} refuses the connection: nothing listens there"));
            }
        }

        private async Task AnswerAsync(SimulatedHttpServer serving, SimulatedNetwork there)
        {
            var reply = await serving.AnswerAsync(ask, from);
            there.Reach(network.Host, _ => Take(reply));
        }

        private void Take(HttpResponse reply)
        {
            var process = network.Process;
            process.Scheduler.Add(process, TraceKind.Reply, Name, reply.Status, StableHash.Of(reply.Body.Span));
            if (reply.Body.Length > ask.MaxResponseBytes)
            {
                Fail($"{Name} answers with more than {ask.MaxResponseBytes:N0} bytes");
                return;
            }
            // A copy: nothing that the server does to its buffer later may be seen here.
            var body = ask.Method == "HEAD" ? [] : reply.Body.ToArray();
            End.TrySetResult(new OutboundResponse(reply with { Body = body }, to));
        }

        private void Fail(string why) => End.TrySetException(new NetworkException(why));
    }
}
