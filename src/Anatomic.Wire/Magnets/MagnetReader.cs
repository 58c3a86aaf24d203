namespace Anatomic.Wire.Magnets;

/// <summary>
/// Reads a magnet link. Unknown and malformed parameters are ignored, as long as one info-hash is left.
/// </summary>
internal sealed class MagnetReader(string text)
{
    private const string Scheme = "magnet:?";

    private readonly List<string> trackers = [];
    private readonly List<string> webSeeds = [];
    private readonly List<string> peers = [];
    private readonly List<FileRange> select = [];
    private Hash20? hashV1;
    private Hash32? hashV2;
    private Fault? unreadable;
    private Fault? ambiguous;
    private string? name;

    public Fault? Fault { get; private set; }

    public MagnetLink? Read()
    {
        if (text.Length > MagnetLimits.MaxChars)
        {
            return Fail($"the magnet link is longer than {MagnetLimits.MaxChars:N0} characters");
        }
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Fail("a magnet link starts with magnet:?", 0);
        }
        var at = Scheme.Length;
        foreach (var pair in text[at..].Split('&'))
        {
            var equals = pair.IndexOf('=');
            if (equals > 0)
            {
                var key = pair[..equals];
                var value = pair[(equals + 1)..];
                // Some writers encode spaces in names as form data does; elsewhere in a URL a plus is a plus.
                value = key == "dn" ? value.Replace('+', ' ') : value;
                ReadParameter(key, Uri.UnescapeDataString(value), at);
            }
            at += pair.Length + 1;
        }
        if (ambiguous is not null || hashV1 is null && hashV2 is null)
        {
            Fault =
                ambiguous ?? unreadable ?? new Fault("the magnet link contains neither xt=urn:btih: nor xt=urn:btmh:");
            return null;
        }
        return new MagnetLink
        {
            HashV1 = hashV1,
            HashV2 = hashV2,
            DisplayName = name,
            Trackers = trackers,
            WebSeeds = webSeeds,
            Peers = peers,
            Select = select,
        };
    }

    private void ReadParameter(string key, string value, int position)
    {
        // Some writers number parameters of the same kind: xt.1, tr.2. BEP 9's x.pe has a dot in its name.
        var kind = key.Equals("x.pe", StringComparison.OrdinalIgnoreCase) ? key : key.Split('.')[0];
        switch (kind.ToLowerInvariant())
        {
            case "xt":
                ReadTopic(value, position);
                break;
            case "dn":
                name ??= value.Length > 0 ? value : null;
                break;
            case "tr":
                Add(trackers, value);
                break;
            case "ws":
                Add(webSeeds, value);
                break;
            case "x.pe":
                Add(peers, value);
                break;
            case "so":
                ReadSelection(value);
                break;
        }
    }

    private void ReadTopic(string value, int position)
    {
        const string v1 = "urn:btih:";
        const string v2 = "urn:btmh:";
        if (value.StartsWith(v1, StringComparison.OrdinalIgnoreCase))
        {
            if (!TryReadHashV1(value[v1.Length..], out var hash))
            {
                unreadable ??= new Fault("the btih hash is neither 40 hexadecimal nor 32 base32 digits", position);
                return;
            }
            if (hashV1 is { } other && other != hash)
            {
                ambiguous ??= new Fault("the magnet link contains two different btih hashes", position);
            }
            hashV1 = hash;
        }
        else if (value.StartsWith(v2, StringComparison.OrdinalIgnoreCase))
        {
            // A multihash: 0x12 is SHA-256, 0x20 its length of 32 bytes.
            var digits = value[v2.Length..];
            if (!digits.StartsWith("1220", StringComparison.Ordinal) || !Hash32.TryParseHex(digits[4..], out var hash))
            {
                unreadable ??= new Fault("the btmh hash is not 1220 followed by 64 hexadecimal digits", position);
                return;
            }
            if (hashV2 is { } other && other != hash)
            {
                ambiguous ??= new Fault("the magnet link contains two different btmh hashes", position);
            }
            hashV2 = hash;
        }
    }

    /// <summary>Adds the ranges that make sense. A link without any downloads all files.</summary>
    private void ReadSelection(string value)
    {
        foreach (var part in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = part.IndexOf('-');
            if (
                TryNumber(dash < 0 ? part : part[..dash], out var first)
                && TryNumber(dash < 0 ? part : part[(dash + 1)..], out var last)
                && first <= last
            )
            {
                select.Add(new FileRange(first, last));
            }
        }

        static bool TryNumber(ReadOnlySpan<char> digits, out int number) =>
            int.TryParse(digits, System.Globalization.NumberStyles.None, null, out number);
    }

    /// <summary>40 hexadecimal digits, or 32 of base32 as in old links.</summary>
    private static bool TryReadHashV1(string digits, out Hash20 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash20.Length];
        if (!Base32.TryDecode(digits, bytes))
        {
            return Hash20.TryParseHex(digits, out hash);
        }
        hash = new Hash20(bytes);
        return true;
    }

    private static void Add(List<string> list, string value)
    {
        if (value.Length is > 0 and <= MagnetLimits.MaxValueChars && !list.Contains(value))
        {
            list.Add(value);
        }
    }

    private MagnetLink? Fail(string what, int position = -1)
    {
        Fault = new Fault(what, position);
        return null;
    }
}
