using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Engine.Connections;

/// <summary>Addresses that are neither dialled nor accepted.</summary>
/// <param name="Addresses">One host or a network.</param>
/// <param name="Reason">Why, for the user.</param>
/// <param name="Until">When the ban ends; null: never.</param>
public sealed record AddressBan(AddressPrefix Addresses, string Reason, DateTimeOffset? Until)
{
    /// <summary>The value to store under the key <see cref="AddressPrefix.ToBytes"/>.</summary>
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("reason"u8).Text(Reason);
        if (Until is { } until)
        {
            writer.Key("until"u8).Integer(until.ToUnixTimeMilliseconds());
        }
        return writer.End().ToArray();
    }

    /// <summary>Reads a stored row; false when it is not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> key, byte[] value, [NotNullWhen(true)] out AddressBan? ban)
    {
        ban = null;
        if (
            !AddressPrefix.TryRead(key, out var addresses)
            || !BencodeValue.TryParse(value, BencodeMode.Strict, out var fields, out _)
            || !fields.TryGetText("reason"u8, out var reason)
        )
        {
            return false;
        }
        DateTimeOffset? until = null;
        if (fields.TryGetInteger("until"u8, out var milliseconds))
        {
            if (milliseconds is < 0 or > MaxUnixMilliseconds)
            {
                return false;
            }
            until = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        }
        ban = new AddressBan(addresses, reason, until);
        return true;
    }

    private const long MaxUnixMilliseconds = 253_402_300_799_999; // the year 9999, as far as DateTimeOffset reaches
}
