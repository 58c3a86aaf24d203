using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Wire.Network;

/// <summary>
/// The name of a network, part of every text that is signed, so that nothing replays across networks. A network is private
/// exactly when its name begins with <see cref="PrivatePrefix"/>: there the work floor is low and private addresses are allowed.
/// </summary>
public sealed record NetworkName
{
    /// <summary>Longest name; it is part of every signed text.</summary>
    public const int MaxLength = 32;

    /// <summary>How the names of private networks begin.</summary>
    public const string PrivatePrefix = "local-";

    /// <summary>The public network.</summary>
    public static readonly NetworkName Main = new("main");

    /// <summary>What <c>--allow-private</c> alone means.</summary>
    public static readonly NetworkName LocalDefault = new(PrivatePrefix + "default");

    private NetworkName(string text) => Text = text;

    public string Text { get; }

    public bool IsPrivate => Text.StartsWith(PrivatePrefix, StringComparison.Ordinal);

    /// <summary>Zero bits that every order's work must show at least: 20, in private networks 8.</summary>
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
        fault = fine ? null : new Fault($"a network's name has 1 to {MaxLength} letters a-z, digits and dashes");
        return fine;
    }

    public override string ToString() => Text;
}
