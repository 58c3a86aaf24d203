using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>Reads a client's name and version from its peer id (BEP 20).</summary>
internal static class ClientNames
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["AN"] = "Anatomic",
        ["AZ"] = "Vuze",
        ["BC"] = "BitComet",
        ["BI"] = "BiglyBT",
        ["BT"] = "BitTorrent",
        ["DE"] = "Deluge",
        ["FD"] = "Free Download Manager",
        ["KT"] = "KTorrent",
        ["LT"] = "libtorrent",
        ["TR"] = "Transmission",
        ["TX"] = "Tixati",
        ["UM"] = "µTorrent Mac",
        ["UT"] = "µTorrent",
        ["WW"] = "WebTorrent",
        ["XL"] = "Xunlei",
        ["lt"] = "libTorrent",
        ["qB"] = "qBittorrent",
    };

    /// <summary>For example <c>qBittorrent 4.6.2</c>; empty when the id does not follow the convention.</summary>
    public static string Of(Hash20 peerId)
    {
        var id = peerId.ToArray();
        if (id[0] == '-' && id[7] == '-' && id.AsSpan(1, 6).IndexOfAnyExceptInRange((byte)'0', (byte)'z') < 0)
        {
            var code = $"{(char)id[1]}{(char)id[2]}";
            var version = id.AsSpan(3, 4).ToArray().Select(Digit).ToList();
            while (version.Count > 2 && version[^1] == 0)
            {
                version.RemoveAt(version.Count - 1);
            }
            return $"{Names.GetValueOrDefault(code, code)} {string.Join('.', version)}";
        }
        return id.AsSpan(0, 5).SequenceEqual("A2-1-"u8) ? "aria2" : "";
    }

    /// <summary>One character of the version: 0 to 9, then letters for 10 and more.</summary>
    private static int Digit(byte letter) =>
        letter switch
        {
            >= (byte)'0' and <= (byte)'9' => letter - '0',
            >= (byte)'A' and <= (byte)'Z' => letter - 'A' + 10,
            >= (byte)'a' and <= (byte)'z' => letter - 'a' + 36,
            _ => 0,
        };
}
