using Anatomic.Wire.Network;

namespace Anatomic.Federation.Tests.Signing;

public sealed class SigningTests
{
    [Fact]
    public void What_one_signs_another_reads_in_the_same_network_only()
    {
        var signed = Sample.Signer(1).Sign(new Unplant(default, Sample.Now.ToUnixTimeMilliseconds()));

        Sample.Reader().TryRead<Unplant>(signed.Raw, Sample.Now, out var read, out _).ShouldBeTrue();
        read!.Signer.ShouldBe(Sample.Id(1));
        Sample.Reader(Sample.Main).TryRead<Unplant>(signed.Raw, Sample.Now, out _, out var fault).ShouldBeFalse();
        fault!.What.ShouldContain("main");
    }

    [Fact]
    public void One_item_is_not_taken_for_another_kind()
    {
        var signed = Sample.Signer(1).Sign(new Receipt(default, default, 5));

        Sample.Reader().TryRead<Unplant>(signed.Raw, Sample.Now, out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_time_more_than_five_minutes_ahead_is_refused_with_the_skew()
    {
        var at = Sample.Now.AddSeconds(301).ToUnixTimeMilliseconds();
        var signed = Sample.Signer(1).Sign(new Unplant(default, at));

        Sample.Reader().TryRead<Unplant>(signed.Raw, Sample.Now, out _, out var fault).ShouldBeFalse();
        fault!.What.ShouldContain("301 seconds");
        Sample.Reader().TryRead<Unplant>(signed.Raw, Sample.Now.AddSeconds(2), out _, out _).ShouldBeTrue();
    }

    [Fact]
    public void Numbers_ascend_even_when_the_clock_does_not()
    {
        var signer = Sample.Signer(1);

        var first = signer.NextSequence(Sample.Now);
        signer.NextSequence(Sample.Now.AddHours(-1)).ShouldBe(first + 1);
        signer.Observe(first + 100);
        signer.NextSequence(Sample.Now).ShouldBe(first + 101);
    }

    [Theory]
    [InlineData(null, false, "main")]
    [InlineData(null, true, "local-default")]
    [InlineData("local-desk", false, "local-desk")]
    public void The_network_follows_from_name_and_switch(string? name, bool allowPrivate, string expected)
    {
        NetworkOptions.TryCreate(name, allowPrivate, out var options, out _).ShouldBeTrue();

        options!.Name.Text.ShouldBe(expected);
    }

    [Fact]
    public void A_public_network_with_private_addresses_is_a_contradiction() =>
        NetworkOptions.TryCreate("main", true, out _, out _).ShouldBeFalse();
}
