using System.Text;
using Anatomic.Wire.Trackers;
using FsCheck;
using FsCheck.Fluent;

namespace Anatomic.Wire.Tests.Trackers;

public class PercentEncodingTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("%41", "A")]
    [InlineData("a%4a%4Ab", "aJJb")]
    [InlineData("a+b", "a+b")]
    [InlineData("%00%ff", "\0\u00ff")]
    [InlineData("%", "%")]
    [InlineData("%4", "%4")]
    [InlineData("a%", "a%")]
    [InlineData("%4g", "%4g")]
    [InlineData("%g4", "%g4")]
    [InlineData("%%41", "%A")]
    [InlineData("%%%", "%%%")]
    [InlineData("%41%4", "A%4")]
    [InlineData("%\u00ff1", "%\u00ff1")]
    public void Escapes_are_decoded_and_other_percent_signs_stay(string text, string decoded)
    {
        var into = new byte[decoded.Length];
        PercentEncoding.TryDecode(Encoding.Latin1.GetBytes(text), into, out var length).ShouldBeTrue();
        Encoding.Latin1.GetString(into.AsSpan(0, length)).ShouldBe(decoded);
    }

    [Theory]
    [InlineData("abc", 2)]
    [InlineData("a%41c", 2)]
    [InlineData("%41%42%43", 2)]
    [InlineData("ab%", 2)]
    [InlineData("%41", 0)]
    public void Text_that_does_not_fit_is_rejected(string text, int room) =>
        PercentEncoding.TryDecode(Encoding.Latin1.GetBytes(text), new byte[room], out _).ShouldBeFalse();

    [Fact]
    public void Any_bytes_round_trip() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<byte[]>(),
                bytes =>
                {
                    var text = new StringBuilder();
                    PercentEncoding.Append(text, bytes);
                    var into = new byte[bytes.Length];
                    return PercentEncoding.TryDecode(Encoding.ASCII.GetBytes(text.ToString()), into, out var length)
                        && into.AsSpan(0, length).SequenceEqual(bytes);
                }
            )
            .QuickCheckThrowOnFailure();
}
