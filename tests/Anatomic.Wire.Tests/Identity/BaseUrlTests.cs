using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Tests.Identity;

public sealed class BaseUrlTests
{
    [Theory]
    [InlineData("http://host:7070/", "http://host:7070/")]
    [InlineData("https://host", "https://host/")]
    [InlineData("http://host/a/../b", "http://host/b/")]
    [InlineData("http://bücher.example:7070/", "http://xn--bcher-kva.example:7070/")]
    [InlineData("http://[2a00::1]:7070/", "http://[2a00::1]:7070/")]
    [InlineData("http://host/a%20b/", "http://host/a%20b/")]
    public void An_address_ends_with_a_slash_and_keeps_its_spelling(string text, string spelling)
    {
        BaseUrl.TryParse(text, out var url, out _).ShouldBeTrue();
        url!.AbsoluteUri.ShouldBe(spelling);
        BaseUrl.TryParse(spelling, out var again, out _).ShouldBeTrue();
        again!.AbsoluteUri.ShouldBe(spelling);
    }

    [Fact]
    public void An_address_that_reads_otherwise_at_each_reading_is_refused() =>
        BaseUrl.TryParse("http://host/a%%2e%2e/", out _, out _).ShouldBeFalse();

    [Fact]
    public void An_address_that_escaping_makes_too_long_is_refused() =>
        BaseUrl.TryParse($"http://host/{new string('é', 100)}/", out _, out _).ShouldBeFalse();

    [Theory]
    [InlineData(58)]
    [InlineData(64)]
    public void An_address_whose_host_cannot_be_looked_up_is_refused(int letters) =>
        BaseUrl.TryParse($"http://{new string('ä', letters)}.example/", out _, out _).ShouldBeFalse();
}
