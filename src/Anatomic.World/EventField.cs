using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.World;

/// <summary>
/// One field of an event: a number, a duration, a hash, or a word chosen by the program itself. It cannot hold an
/// address or arbitrary text.
/// </summary>
public readonly struct EventField
{
    private readonly string? text;

    private EventField(string name, long number, string? text) => (Name, Number, this.text) = (name, number, text);

    /// <summary>The name, in lower case: <c>order</c>, <c>reason</c>.</summary>
    public string Name { get; }

    /// <summary>The value if it is a number, otherwise 0.</summary>
    public long Number { get; }

    /// <summary>Whether the value is a number, for formats that distinguish numbers from text.</summary>
    public bool IsNumber => text is null;

    /// <summary>The value as text, without spaces or quotes.</summary>
    public string Text => text ?? Number.ToString(CultureInfo.InvariantCulture);

    public static EventField Count([ConstantExpected] string name, long value) => new(name, value, null);

    /// <summary>A duration in whole milliseconds; its name ends with the unit: <c>tookMs</c>.</summary>
    public static EventField Milliseconds([ConstantExpected] string name, TimeSpan value) =>
        new(name, (long)value.TotalMilliseconds, null);

    /// <summary>The digest of an order.</summary>
    public static EventField Hash([ConstantExpected] string name, Hash32 value) => new(name, 0, value.ToString());

    /// <summary>The info-hash of a torrent.</summary>
    public static EventField Hash([ConstantExpected] string name, Hash20 value) => new(name, 0, value.ToString());

    /// <summary>The id of a node, a supernode or a planter.</summary>
    public static EventField Id([ConstantExpected] string name, NodeId value) => new(name, 0, value.ToString());

    public static EventField Network([ConstantExpected] string name, NetworkName value) => new(name, 0, value.Text);

    public static EventField Version([ConstantExpected] string name, Version value) => new(name, 0, value.ToString());

    /// <summary>A value of an enumeration; <c>NotListed</c> is written as <c>not-listed</c>.</summary>
    public static EventField Enum<TEnum>([ConstantExpected] string name, TEnum value)
        where TEnum : struct, Enum => new(name, 0, Kebab(value.ToString()));

    private static string Kebab(string word) =>
        string.Concat(
            word.Select(
                (letter, at) =>
                    at > 0 && char.IsUpper(letter)
                        ? $"-{char.ToLowerInvariant(letter)}"
                        : $"{char.ToLowerInvariant(letter)}"
            )
        );
}
