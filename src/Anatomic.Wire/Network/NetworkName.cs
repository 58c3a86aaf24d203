using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Wire.Network;

/// <summary>
/// The name of a network. It is part of every signed text, so that nothing can be replayed in another network. Networks
/// whose name begins with <c>local-</c> are private: they have a low work floor and allow private addresses.
/// </summary>
public sealed record NetworkName
{
    /// <summary>Longest name, which is part of every signed text.</summary>
    public const int MaxLength = 32;

    private const string PrivatePrefix = "local-";

    /// <summary>The public network.</summary>
    public static readonly NetworkName Main = new("main");

    /// <summary>The private network that <c>--allow-private</c> alone selects.</summary>
    public static readonly NetworkName LocalDefault = new(PrivatePrefix + "default");

    private NetworkName(string text) => Text = text;

    public string Text { get; }

    public bool IsPrivate => Text.StartsWith(PrivatePrefix, StringComparison.Ordinal);

    /// <summary>Zero bits that the work of every order must have: 20, or 8 in private networks.</summary>
    public int WorkFloor => IsPrivate ? NetworkLimits.PrivateWorkFloorBits : NetworkLimits.WorkFloorBits;

    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out NetworkName? name,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        var fine =
            text.Length is > 0 and <= MaxLength
            && text.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');
        name = fine ? new NetworkName(text) : null;
        fault = fine
            ? null
            : new Fault($"the name of a network has 1 to {MaxLength} characters: letters a-z, digits and dashes");
        return fine;
    }

    public override string ToString() => Text;
}
