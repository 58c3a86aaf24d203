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
    public void An_event_is_a_line_with_its_time_level_name_and_fields()
    {
        var eventLog = CreateLog(EventLogFormat.Text, EventLevel.Info);

        eventLog.Write(
            EventLevel.Warning,
            "plant.rejected",
            EventField.Enum("reason", Reason.NotListed),
            EventField.Hash("torrent", new Hash20(1, 2, 3)),
            EventField.Milliseconds("tookMs", TimeSpan.FromSeconds(1.5))
        );

        written.Lines.ShouldBe([
            "2030-01-02T03:04:05.678Z warning plant.rejected reason=not-listed "
                + $"torrent={new Hash20(1, 2, 3)} tookMs=1500",
        ]);
    }

    [Fact]
    public void An_event_is_a_json_object_for_programs()
    {
        var eventLog = CreateLog(EventLogFormat.Json, EventLevel.Info);

        eventLog.Write(EventLevel.Info, "listening", EventField.Count("port", 6969));

        written.Lines.ShouldBe([
            """{"time":"2030-01-02T03:04:05.678Z","level":"info","event":"listening","port":6969}""",
        ]);
    }

    [Fact]
    public void Events_below_the_level_are_not_written()
    {
        var eventLog = CreateLog(EventLogFormat.Text, EventLevel.Warning);

        eventLog.Write(EventLevel.Info, "listening");

        written.Lines.ShouldBeEmpty();
        eventLog.IsEnabled(EventLevel.Info).ShouldBeFalse();
    }

    [Fact]
    public void Nothing_is_written_when_the_log_is_off()
    {
        var eventLog = CreateLog(EventLogFormat.Off, EventLevel.Debug);

        eventLog.Write(EventLevel.Error, "store.failed");
        eventLog.WriteException(Thrown("secret"));

        written.Lines.ShouldBeEmpty();
    }

    [Fact]
    public void An_exception_is_logged_with_its_stack_and_without_its_message()
    {
        var eventLog = CreateLog(EventLogFormat.Json, EventLevel.Info);

        eventLog.WriteException(Thrown("10.1.2.3 sent this"));

        var line = JsonDocument.Parse(written.Lines.ShouldHaveSingleItem()).RootElement;
        line.GetProperty("type").GetString().ShouldBe("AggregateException<InvalidOperationException");
        line.GetProperty("stack").GetString()!.ShouldContain(nameof(Thrown));
        written.Text.ShouldNotContain("10.1.2.3");
    }

    [Fact]
    public void A_recurring_exception_is_only_counted()
    {
        var eventLog = CreateLog(EventLogFormat.Text, EventLevel.Info);

        for (var i = 0; i < 250; i++)
        {
            eventLog.WriteException(Thrown("again"));
        }

        written.Lines.Length.ShouldBe(3);
        written.Lines[0].ShouldContain("times=1 stack=");
        written.Lines[1].ShouldEndWith("times=10");
        written.Lines[2].ShouldEndWith("times=100");
    }

    private ConsoleEventLog CreateLog(EventLogFormat format, EventLevel minimum) =>
        new(written, format, minimum, new FixedClock());

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
