using Anatomic.Wire.Network;

namespace Anatomic.Federation.Tests.Signing;

public sealed class SigningTests
{
    [Fact]
    public void A_signed_item_is_valid_only_in_its_own_network()
    {
        var signed = Sample.Signer(1).Sign(new Unplant(default, Sample.Now.ToUnixTimeMilliseconds()));

        Sample.Reader().TryRead<Unplant>(signed.Raw, Sample.Now, out var read, out _).ShouldBeTrue();
        read!.Signer.ShouldBe(Sample.Id(1));
        Sample.Reader(Sample.Main).TryRead<Unplant>(signed.Raw, Sample.Now, out _, out var fault).ShouldBeFalse();
        fault!.What.ShouldContain("main");
    }

    [Fact]
    public void An_item_is_not_accepted_as_another_type()
    {
        var signed = Sample.Signer(1).Sign(new Receipt(default, default, 5));

        Sample.Reader().TryRead<Unplant>(signed.Raw, Sample.Now, out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_time_more_than_five_minutes_ahead_is_rejected_with_the_skew()
    {
        var at = Sample.Now.AddSeconds(301).ToUnixTimeMilliseconds();
        var signed = Sample.Signer(1).Sign(new Unplant(default, at));

        Sample.Reader().TryRead<Unplant>(signed.Raw, Sample.Now, out _, out var fault).ShouldBeFalse();
        fault!.What.ShouldContain("301 seconds");
        Sample.Reader().TryRead<Unplant>(signed.Raw, Sample.Now.AddSeconds(2), out _, out _).ShouldBeTrue();
    }

    [Fact]
    public void Sequence_numbers_ascend_even_when_the_clock_does_not()
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
    public void The_network_follows_from_its_name_and_the_private_flag(string? name, bool allowPrivate, string expected)
    {
        NetworkOptions.TryCreate(name, allowPrivate, out var options, out _).ShouldBeTrue();

        options!.Name.Text.ShouldBe(expected);
    }

    [Fact]
    public void A_public_network_with_private_addresses_is_rejected() =>
        NetworkOptions.TryCreate("main", true, out _, out _).ShouldBeFalse();
}
