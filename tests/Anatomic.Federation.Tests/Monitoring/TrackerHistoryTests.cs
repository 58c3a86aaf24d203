using Anatomic.Federation.Monitoring;

namespace Anatomic.Federation.Tests.Monitoring;

public class TrackerHistoryTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TrackerHistory history = new();

    [Fact]
    public void A_single_reading_gives_no_sample()
    {
        history.Add(Start, new TrackerReading { Seeds = 7 });

        history.Samples(HistorySpan.Minutes).ShouldBeEmpty();
        history.Newest!.Seeds.ShouldBe(7);
    }

    [Fact]
    public void Counts_become_rates_and_gauges_stay_unchanged()
    {
        history.Add(Start, new TrackerReading { HttpAnnounces = 100, UdpAnnounces = 50 });
        history.Add(
            Start.AddSeconds(5),
            new TrackerReading
            {
                HttpAnnounces = 110,
                UdpAnnounces = 100,
                Seeds = 3,
                Leechers = 4,
            }
        );

        var sample = history.Samples(HistorySpan.Minutes).ShouldHaveSingleItem();
        (sample.HttpAnnounces, sample.UdpAnnounces).ShouldBe((2, 10));
        (sample.Seeds, sample.Leechers).ShouldBe((3, 4));
        (sample.Median, sample.Slow).ShouldBe((null, null));
    }

    [Fact]
    public void Only_the_last_five_minutes_and_the_last_hour_are_kept()
    {
        for (var i = 0; i <= 2_000; i++)
        {
            history.Add(Start.AddSeconds(5 * i), new TrackerReading { Swarms = i });
        }

        var minutes = history.Samples(HistorySpan.Minutes);
        minutes.Count.ShouldBe(TrackerHistory.LengthOf(HistorySpan.Minutes));
        minutes.Select(sample => sample.Swarms).ShouldBe(Enumerable.Range(1_941, 60).Select(i => (double)i));
        var hour = history.Samples(HistorySpan.Hour);
        hour.Count.ShouldBe(TrackerHistory.LengthOf(HistorySpan.Hour));
        hour.Zip(hour.Skip(1)).ShouldAllBe(pair => pair.Second.Swarms - pair.First.Swarms == 6);
    }

    [Fact]
    public void Latencies_cover_the_announces_between_two_readings()
    {
        double[] bounds = [0.001, 0.002, 0.004];
        history.Add(Start, new TrackerReading { Latency = new MetricHistogram(bounds, [1_000, 0, 0, 0], 1) });
        history.Add(
            Start.AddSeconds(5),
            new TrackerReading { Latency = new MetricHistogram(bounds, [1_000, 98, 2, 0], 1) }
        );

        var sample = history.Samples(HistorySpan.Minutes).ShouldHaveSingleItem();
        sample.Median!.Value.ShouldBeInRange(0.001, 0.002);
        sample.Slow!.Value.ShouldBe(0.003, tolerance: 0.000_001);
    }

    [Fact]
    public void A_clock_that_was_set_back_starts_a_new_interval()
    {
        history.Add(Start, new TrackerReading { HttpAnnounces = 100 });
        history.Add(Start.AddHours(-1), new TrackerReading { HttpAnnounces = 200 });
        history.Add(Start.AddHours(-1).AddSeconds(5), new TrackerReading { HttpAnnounces = 205 });

        history.Samples(HistorySpan.Minutes).ShouldHaveSingleItem().HttpAnnounces.ShouldBe(1);
    }
}
