using Anatomic.Tracker;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>Answers scrapes of everything, where the operator allows them, in front of the node's other requests.</summary>
internal sealed class FullScrapeHandler(TrackerService tracker, IRequestHandler others) : IRequestHandler
{
    public async ValueTask<HttpResponse> HandleAsync(InboundRequest call, CancellationToken stop) =>
        tracker.AnswerFullScrape(call) ?? await others.HandleAsync(call, stop);
}
