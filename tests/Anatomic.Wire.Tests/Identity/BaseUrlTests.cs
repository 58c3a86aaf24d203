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
    public void A_URL_ends_with_a_slash_and_keeps_its_spelling(string text, string spelling)
    {
        BaseUrl.TryParse(text, out var url, out _).ShouldBeTrue();
        url!.AbsoluteUri.ShouldBe(spelling);
        BaseUrl.TryParse(spelling, out var again, out _).ShouldBeTrue();
        again!.AbsoluteUri.ShouldBe(spelling);
    }

    [Fact]
    public void A_URL_that_changes_with_every_reading_is_rejected() =>
        BaseUrl.TryParse("http://host/a%%2e%2e/", out _, out _).ShouldBeFalse();

    [Fact]
    public void A_URL_that_is_too_long_once_escaped_is_rejected() =>
        BaseUrl.TryParse($"http://host/{new string('é', 100)}/", out _, out _).ShouldBeFalse();

    [Theory]
    [InlineData(58)]
    [InlineData(64)]
    public void A_URL_with_an_invalid_host_is_rejected(int letters) =>
        BaseUrl.TryParse($"http://{new string('ä', letters)}.example/", out _, out _).ShouldBeFalse();
}
