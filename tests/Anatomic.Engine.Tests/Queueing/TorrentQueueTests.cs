using Anatomic.Engine.Queueing;
using Anatomic.Engine.Settings;

namespace Anatomic.Engine.Tests.Queueing;

public class TorrentQueueTests
{
    [Fact]
    public void Without_limits_every_torrent_runs() =>
        Decide(new QueueOptions(), Download(1), Download(2), Seed(3)).ShouldBe([1, 2, 3]);

    [Fact]
    public void The_first_in_the_queue_run() =>
        Decide(new QueueOptions { MaxDownloads = 2 }, Download(1, 30), Download(2, 10), Download(3, 20))
            .ShouldBe([2, 3]);

    [Fact]
    public void Downloads_come_before_seeds() =>
        Decide(new QueueOptions { MaxActive = 1 }, Seed(1, 0), Download(2, 9)).ShouldBe([2]);

    [Fact]
    public void Downloads_and_seeds_have_limits_of_their_own() =>
        Decide(
                new QueueOptions { MaxDownloads = 1, MaxSeeds = 1 },
                Download(1, 1),
                Download(2, 2),
                Seed(3, 3),
                Seed(4, 4)
            )
            .ShouldBe([1, 3]);

    [Fact]
    public void A_forced_torrent_runs_and_takes_a_place() =>
        Decide(new QueueOptions { MaxDownloads = 1 }, Download(1, 1), Download(2, 2) with { IsForced = true })
            .ShouldBe([2]);

    [Fact]
    public void A_slow_torrent_that_runs_takes_no_place() =>
        Decide(
                new QueueOptions { MaxDownloads = 1 },
                Download(1, 1) with
                {
                    IsSlow = true,
                    WasAdmitted = true,
                },
                Download(2, 2),
                Download(3, 3)
            )
            .ShouldBe([1, 2]);

    private static QueueEntry Download(int id, long position = 0) => new(id, position, false, false, false, false);

    private static QueueEntry Seed(int id, long position = 0) => new(id, position, false, true, false, false);

    private static int[] Decide(QueueOptions limits, params QueueEntry[] entries) =>
        [.. TorrentQueue.Decide(limits, entries).Order()];
}
