using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.World;

/// <summary>
/// One fact of an event: a number, a duration, a hash, or a word that the program itself has chosen. It cannot be made from an
/// address or from any text.
/// </summary>
public readonly struct EventField
{
    private readonly string? text;

    private EventField(string name, long number, string? text) => (Name, Number, this.text) = (name, number, text);

    /// <summary>In lower case: <c>order</c>, <c>reason</c>.</summary>
    public string Name { get; }

    /// <summary>The value, when it is a number; else 0.</summary>
    public long Number { get; }

    /// <summary>Whether the value is a number, for formats that tell numbers from texts.</summary>
    public bool IsNumber => text is null;

    /// <summary>The value as text, without blanks or quotes.</summary>
    public string Text => text ?? Number.ToString(CultureInfo.InvariantCulture);

    public static EventField Count([ConstantExpected] string name, long value) => new(name, value, null);

    /// <summary>A duration, told in whole milliseconds; name it so: <c>tookMs</c>.</summary>
    public static EventField Milliseconds([ConstantExpected] string name, TimeSpan value) =>
        new(name, (long)value.TotalMilliseconds, null);

    /// <summary>A digest of an order.</summary>
    public static EventField Hash([ConstantExpected] string name, Hash32 value) => new(name, 0, value.ToString());

    /// <summary>A torrent.</summary>
    public static EventField Hash([ConstantExpected] string name, Hash20 value) => new(name, 0, value.ToString());

    /// <summary>A node, a supernode or a planter, by its id.</summary>
    public static EventField Id([ConstantExpected] string name, NodeId value) => new(name, 0, value.ToString());

    public static EventField Network([ConstantExpected] string name, NetworkName value) => new(name, 0, value.Text);

    public static EventField Version([ConstantExpected] string name, Version value) => new(name, 0, value.ToString());

    /// <summary>A word of a closed set: <c>NotListed</c> is told as <c>not-listed</c>.</summary>
    public static EventField Enum<TWord>([ConstantExpected] string name, TWord value)
        where TWord : struct, Enum => new(name, 0, Kebab(value.ToString()));

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
