using System.Text.Json;
using Anatomic.Cli.Operations;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Cli.Tests.Operations;

public class ConsoleEventLogTests
{
    private enum Reason
    {
        NotListed,
    }

    private readonly CapturedOutput written = new();

    [Fact]
    public void An_event_is_a_line_with_its_time_level_name_and_facts()
    {
        var journal = Make(EventLogFormat.Text, EventLevel.Info);

        journal.Write(
            EventLevel.Warning,
            "plant.rejected",
            EventField.Enum("reason", Reason.NotListed),
            EventField.Hash("torrent", new Hash20(1, 2, 3)),
            EventField.Milliseconds("tookMs", TimeSpan.FromSeconds(1.5))
        );

        written.Lines.ShouldBe([
            $"2030-01-02T03:04:05.678Z warning plant.rejected reason=not-listed torrent={new Hash20(1, 2, 3)} tookMs=1500",
        ]);
    }

    [Fact]
    public void The_same_event_is_an_object_for_programs()
    {
        var journal = Make(EventLogFormat.Json, EventLevel.Info);

        journal.Write(EventLevel.Info, "listening", EventField.Count("port", 6969));

        written.Lines.ShouldBe([
            """{"time":"2030-01-02T03:04:05.678Z","level":"info","event":"listening","port":6969}""",
        ]);
    }

    [Fact]
    public void What_is_below_the_level_is_not_written()
    {
        var journal = Make(EventLogFormat.Text, EventLevel.Warning);

        journal.Write(EventLevel.Info, "listening");

        written.Lines.ShouldBeEmpty();
        journal.IsEnabled(EventLevel.Info).ShouldBeFalse();
    }

    [Fact]
    public void Nothing_is_written_when_it_is_off()
    {
        var journal = Make(EventLogFormat.Off, EventLevel.Debug);

        journal.Write(EventLevel.Error, "store.failed");
        journal.WriteException(Thrown("secret"));

        written.Lines.ShouldBeEmpty();
    }

    [Fact]
    public void A_fault_is_told_with_its_stack_and_without_its_message()
    {
        var journal = Make(EventLogFormat.Json, EventLevel.Info);

        journal.WriteException(Thrown("10.1.2.3 sent this"));

        var line = JsonDocument.Parse(written.Lines.ShouldHaveSingleItem()).RootElement;
        line.GetProperty("type").GetString().ShouldBe("AggregateException<InvalidOperationException");
        line.GetProperty("stack").GetString()!.ShouldContain(nameof(Thrown));
        written.Text.ShouldNotContain("10.1.2.3");
    }

    [Fact]
    public void A_fault_that_comes_again_and_again_is_counted_instead()
    {
        var journal = Make(EventLogFormat.Text, EventLevel.Info);

        for (var i = 0; i < 250; i++)
        {
            journal.WriteException(Thrown("again"));
        }

        written.Lines.Length.ShouldBe(3);
        written.Lines[0].ShouldContain("times=1 stack=");
        written.Lines[1].ShouldEndWith("times=10");
        written.Lines[2].ShouldEndWith("times=100");
    }

    private ConsoleEventLog Make(EventLogFormat form, EventLevel least) => new(written, form, least, new FixedClock());

    private static AggregateException Thrown(string message)
    {
        try
        {
            throw new InvalidOperationException(message);
        }
        catch (InvalidOperationException inner)
        {
            return new AggregateException(message, inner);
        }
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2030, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    }
}
