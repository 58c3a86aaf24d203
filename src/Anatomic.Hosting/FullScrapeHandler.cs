using Anatomic.Tracker;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>Answers scrapes of all torrents, if the operator allows them; passes all other requests on.</summary>
internal sealed class FullScrapeHandler(TrackerService tracker, IRequestHandler next) : IRequestHandler
{
    public async ValueTask<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop) =>
        tracker.AnswerFullScrape(request) ?? await next.HandleAsync(request, stop);
}
