using Anatomic.Engine.Trackers;

namespace Anatomic.Engine.Tests.Trackers;

public class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("120", 120)]
    [InlineData(" 7 ", 7)]
    [InlineData("99999999999999999999", 86_400)]
    [InlineData("Fri, 02 Jan 2026 03:05:05 GMT", 60)]
    [InlineData("Friday, 02-Jan-26 03:05:05 GMT", 60)]
    [InlineData("Fri Jan  2 03:05:05 2026", 60)]
    [InlineData("Fri, 02 Jan 2026 03:04:05 GMT", null)]
    [InlineData("0", null)]
    [InlineData("-5", null)]
    [InlineData("1.5", null)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    public void Seconds_and_all_forms_of_dates_are_read(string value, int? seconds) =>
        RetryAfter
            .Of(new Dictionary<string, string> { ["retry-after"] = value }, Now)
            .ShouldBe(seconds is { } wait ? TimeSpan.FromSeconds(wait) : null);

    [Fact]
    public void A_date_is_compared_with_the_servers_own_clock() =>
        RetryAfter
            .Of(
                new Dictionary<string, string>
                {
                    ["retry-after"] = "Sat, 01 Jan 2000 00:10:00 GMT",
                    ["date"] = "Sat, 01 Jan 2000 00:00:00 GMT",
                },
                Now
            )
            .ShouldBe(TimeSpan.FromMinutes(10));
}
