using System.Buffers;
using System.Text;
using Anatomic.Wire.Bencoding;
using FsCheck;
using FsCheck.Fluent;

namespace Anatomic.Wire.Tests.Bencoding;

public sealed class BencodingTests
{
    [Fact]
    public void The_examples_of_BEP_3_are_read()
    {
        Read("4:spam").Bytes.ToArray().ShouldBe("spam"u8.ToArray());
        Read("i3e").Integer.ShouldBe(3);
        Read("i-3e").Integer.ShouldBe(-3);
        Read("i0e").Integer.ShouldBe(0);
        Read("l4:spam4:eggse")
            .Items.Select(item => Encoding.UTF8.GetString(item.Bytes.Span))
            .ShouldBe(["spam", "eggs"]);
        var dictionary = Read("d3:cow3:moo4:spam4:eggse");
        dictionary.TryGetText("cow"u8, out var cow).ShouldBeTrue();
        cow.ShouldBe("moo");
        Read("d4:spaml1:a1:bee").TryGetList("spam"u8, out var items).ShouldBeTrue();
        items!.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("i03e", "a number has a leading zero or is minus zero (at byte 0)")]
    [InlineData("i-0e", "a number has a leading zero or is minus zero (at byte 0)")]
    [InlineData("l02:abe", "a number has a leading zero or is minus zero (at byte 1)")]
    [InlineData("d1:b0:1:a0:e", "the keys of a dictionary are not sorted (at byte 6)")]
    [InlineData("d1:a0:1:a0:e", "a dictionary contains a key twice (at byte 6)")]
    public void Values_with_two_spellings_are_accepted_only_in_tolerant_mode(string text, string fault)
    {
        Refuse(text, BencodeMode.Strict).ShouldBe(fault);
        BencodeValue.TryParse(Encoding.UTF8.GetBytes(text), BencodeMode.Tolerant, out _, out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData("", "the data ends where a value is expected (at byte 0)")]
    [InlineData("x", "byte 0x78 does not start a value (at byte 0)")]
    [InlineData("i3", "an integer does not end (at byte 0)")]
    [InlineData("i 3e", "an integer is not a number (at byte 0)")]
    [InlineData("i3xe", "an integer is not a number (at byte 0)")]
    [InlineData("5:spam", "a string of 5 bytes extends beyond the end (at byte 0)")]
    [InlineData("l4:spam", "the data ends where a value is expected (at byte 7)")]
    [InlineData("di1e0:e", "a dictionary key is not a string (at byte 1)")]
    [InlineData("d1:a", "the data ends where a value is expected (at byte 4)")]
    [InlineData("i1ei2e", "there is data after the end of the value (at byte 3)")]
    [InlineData("99999999999999999999999:a", "the length of a string does not end with a colon (at byte 0)")]
    public void Faults_have_a_position(string text, string fault)
    {
        Refuse(text, BencodeMode.Strict).ShouldBe(fault);
        Refuse(text, BencodeMode.Tolerant).ShouldBe(fault);
    }

    [Theory]
    [InlineData("ie", "an integer is not a number (at byte 0)")]
    [InlineData("i-e", "an integer is not a number (at byte 0)")]
    [InlineData("i+3e", "an integer is not a number (at byte 0)")]
    [InlineData("i1700000000.25e", "an integer is not a number (at byte 0)")]
    [InlineData("i9223372036854775808e", "a number does not fit into 64 bits (at byte 0)")]
    [InlineData("i-9223372036854775809e", "a number does not fit into 64 bits (at byte 0)")]
    [InlineData("i123456789012345678901234567890e", "an integer does not end (at byte 0)")]
    public void In_tolerant_mode_a_number_without_a_value_spoils_only_itself(string number, string fault)
    {
        Refuse(number, BencodeMode.Strict).ShouldBe(fault);
        var value = Read($"d1:a{number}1:bi5ee", BencodeMode.Tolerant);
        value.Find("a"u8)!.Kind.ShouldBe(BencodeKind.Unreadable);
        Encoding.UTF8.GetString(value.Find("a"u8)!.Raw.Span).ShouldBe(number);
        value.TryGetInteger("a"u8, out _).ShouldBeFalse();
        value.TryGetInteger("b"u8, out var after).ShouldBeTrue();
        after.ShouldBe(5);
    }

    [Fact]
    public void A_number_that_is_passed_over_has_a_limited_length()
    {
        string Digits(int count) => $"i{new string('9', count)}e";
        Read(Digits(BencodeLimits.MaxOddIntegerChars), BencodeMode.Tolerant).Kind.ShouldBe(BencodeKind.Unreadable);
        Refuse(Digits(BencodeLimits.MaxOddIntegerChars + 1), BencodeMode.Tolerant)
            .ShouldBe("an integer does not end (at byte 0)");
    }

    [Fact]
    public void The_largest_and_the_smallest_integer_are_accepted()
    {
        Read($"i{long.MaxValue}e").Integer.ShouldBe(long.MaxValue);
        Read($"i{long.MinValue}e").Integer.ShouldBe(long.MinValue);
    }

    [Fact]
    public void Nesting_is_limited()
    {
        string Nested(int depth) => new string('l', depth) + new string('e', depth);
        Read(Nested(BencodeLimits.MaxDepth + 1));
        Refuse(Nested(BencodeLimits.MaxDepth + 2), BencodeMode.Tolerant)
            .ShouldBe(
                $"values are nested deeper than {BencodeLimits.MaxDepth} levels (at byte {BencodeLimits.MaxDepth + 1})"
            );
    }

    [Fact]
    public void The_number_of_values_is_limited()
    {
        var input = new byte[2 * BencodeLimits.MaxValues + 2];
        for (var i = 1; i < input.Length - 1; i += 2)
        {
            (input[i], input[i + 1]) = ((byte)'0', (byte)':');
        }
        (input[0], input[^1]) = ((byte)'l', (byte)'e');
        BencodeValue.TryParse(input, BencodeMode.Strict, out _, out var fault).ShouldBeFalse();
        fault!.What.ShouldBe("there are more than 4,000,000 values");
    }

    [Fact]
    public void A_value_keeps_its_raw_bytes_and_its_position()
    {
        var value = Read("d4:infod1:ai01eee", BencodeMode.Tolerant).Find("info"u8)!;
        Encoding.UTF8.GetString(value.Raw.Span).ShouldBe("d1:ai01ee");
        value.Position.ShouldBe(7);
    }

    [Fact]
    public void Of_two_equal_keys_the_first_counts()
    {
        Read("d1:ai1e1:ai2ee", BencodeMode.Tolerant).TryGetInteger("a"u8, out var first).ShouldBeTrue();
        first.ShouldBe(1);
    }

    [Fact]
    public void Reading_a_prefix_ignores_the_rest()
    {
        BencodeValue
            .TryParsePrefix("d1:ai1eeREST"u8.ToArray(), BencodeMode.Strict, out var value, out _)
            .ShouldBeTrue();
        value.Raw.Length.ShouldBe(8);
    }

    [Fact]
    public void Writing_keys_in_descending_order_is_a_bug() =>
        Should.Throw<InvariantBrokenException>(() =>
            new BencodeWriter().BeginDictionary().Key("b"u8).Integer(1).Key("a"u8)
        );

    [Fact]
    public void Any_value_round_trips() =>
        Check.QuickThrowOnFailure(
            Prop.ForAll(
                Trees.ToArbitrary(),
                tree =>
                {
                    var output = new ArrayBufferWriter<byte>();
                    Write(new BencodeWriter(output), tree);
                    BencodeValue
                        .TryParse(output.WrittenMemory, BencodeMode.Strict, out var value, out var fault)
                        .ShouldBeTrue(fault?.ToString());
                    var again = new ArrayBufferWriter<byte>();
                    Write(new BencodeWriter(again), FromValue(value));
                    again.WrittenSpan.SequenceEqual(output.WrittenSpan).ShouldBeTrue();
                }
            )
        );

    [Fact]
    public void Any_bytes_are_read_or_rejected_without_an_exception() =>
        Check.QuickThrowOnFailure(
            Prop.ForAll(
                Gen.Elements("ilde0123456789:-ax".Select(letter => (byte)letter).ToArray()).ArrayOf().ToArbitrary(),
                bytes =>
                {
                    var fine = BencodeValue.TryParse(bytes, BencodeMode.Tolerant, out var value, out var fault);
                    fine.ShouldBe(value is not null);
                    fine.ShouldBe(fault is null);
                }
            )
        );

    private static Gen<object> Trees => Gen.Sized(size => Tree(Math.Min(size, 30)));

    private static Gen<object> Tree(int size)
    {
        var leaf = Gen.OneOf(
            ArbMap.Default.GeneratorFor<long>().Select(number => (object)number),
            ArbMap.Default.GeneratorFor<byte[]>().Select(bytes => (object)bytes)
        );
        if (size < 2)
        {
            return leaf;
        }
        var inner = Tree(size / 4);
        var list = inner.ListOf(3).Select(items => (object)items.ToArray());
        var dictionary = ArbMap
            .Default.GeneratorFor<byte>()
            .SelectMany(key => inner.Select(value => (key, value)))
            .ListOf(4)
            .Select(pairs =>
                (object)
                    new SortedDictionary<byte, object>(
                        pairs.DistinctBy(p => p.key).ToDictionary(p => p.key, p => p.value)
                    )
            );
        return Gen.OneOf(leaf, list, dictionary);
    }

    private static void Write(BencodeWriter writer, object tree)
    {
        switch (tree)
        {
            case long number:
                writer.Integer(number);
                break;
            case byte[] bytes:
                writer.Bytes(bytes);
                break;
            case object[] items:
                writer.BeginList();
                Array.ForEach(items, item => Write(writer, item));
                writer.End();
                break;
            case SortedDictionary<byte, object> entries:
                writer.BeginDictionary();
                foreach (var (key, value) in entries)
                {
                    writer.Key([key]);
                    Write(writer, value);
                }
                writer.End();
                break;
        }
    }

    private static object FromValue(BencodeValue value) =>
        value.Kind switch
        {
            BencodeKind.Integer => value.Integer,
            BencodeKind.Bytes => value.Bytes.ToArray(),
            BencodeKind.List => value.Items.Select(FromValue).ToArray(),
            _ => new SortedDictionary<byte, object>(
                value.Entries.ToDictionary(entry => entry.Key.Span[0], entry => FromValue(entry.Value))
            ),
        };

    private static BencodeValue Read(string text, BencodeMode mode = BencodeMode.Strict)
    {
        BencodeValue
            .TryParse(Encoding.UTF8.GetBytes(text), mode, out var value, out var fault)
            .ShouldBeTrue(fault?.ToString());
        return value;
    }

    private static string Refuse(string text, BencodeMode mode)
    {
        BencodeValue.TryParse(Encoding.UTF8.GetBytes(text), mode, out _, out var fault).ShouldBeFalse();
        return fault!.ToString();
    }
}
