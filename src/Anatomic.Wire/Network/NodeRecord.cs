using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Network;

public enum NodeRole
{
    Node,
    Supernode,
}

/// <summary>The item <c>record</c>: how a node or a supernode describes itself.</summary>
public sealed record NodeRecord : INetworkItem<NodeRecord>
{
    public static string ItemType => "record";

    public static int MaxBytes => NetworkLimits.MaxItemBytes;

    public required NodeRole Role { get; init; }

    /// <summary>
    /// 1 to 4 base URLs, http or https, each ending with a slash, the preferred one first. Announces go to URL +
    /// <c>announce</c>.
    /// </summary>
    public required IReadOnlyList<Uri> Urls { get; init; }

    /// <summary>The port of the UDP tracker (BEP 15) on the same host; 0: none.</summary>
    public int UdpPort { get; init; }

    /// <summary>
    /// 1 to 4 addresses of the HTTP server, with its port. Placement uses the first IPv4 address, otherwise the first
    /// IPv6 one.
    /// </summary>
    public required IReadOnlyList<Endpoint> Addresses { get; init; }

    /// <summary>Increases with every change; Unix milliseconds.</summary>
    public required long Seq { get; init; }

    /// <summary>Number of draws in placement, 1–4.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>
    /// Zero bits of work that the node demands of an order. It enforces a higher number ten minutes after announcing
    /// it.
    /// </summary>
    public required int Work { get; init; }

    /// <summary>Program and version, for display.</summary>
    public string Software { get; init; } = "";

    public long At => Seq;

    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("addresses"u8).BeginList();
        Span<byte> compact = stackalloc byte[CompactEndpoints.V6Length];
        foreach (var address in Addresses)
        {
            writer.Bytes(compact[..address.WriteCompact(compact)]);
        }
        writer.End().Key("http"u8).BeginList();
        foreach (var url in Urls)
        {
            writer.Text(url.AbsoluteUri);
        }
        writer.End().Key("role"u8).Text(Role == NodeRole.Node ? "node" : "supernode");
        writer.Key("seq"u8).Integer(Seq).Key("software"u8).Text(Software);
        writer.Key("udp"u8).Integer(UdpPort).Key("weight"u8).Integer(Weight).Key("work"u8).Integer(Work);
        return writer.End().ToArray();
    }

    public static bool TryRead(
        BencodeValue value,
        [NotNullWhen(true)] out NodeRecord? item,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        var fields = new ItemFields(value, "record");
        var addresses = new List<Endpoint>();
        foreach (var bytes in fields.Strings("addresses", 1, NetworkLimits.MaxAddresses, 6, 18))
        {
            if (!CompactEndpoints.TryRead(bytes.Span, bytes.Length == CompactEndpoints.V4Length, addresses))
            {
                fields.Fail("addresses", "contains an entry that is not a compact address");
            }
        }
        var urls = new List<Uri>();
        foreach (var bytes in fields.Strings("http", 1, NetworkLimits.MaxUrls, 1, BaseUrl.MaxLength))
        {
            var text = System.Text.Encoding.UTF8.GetString(bytes.Span);
            if (BaseUrl.TryParse(text, out var url, out var broken) && url.AbsoluteUri == text)
            {
                urls.Add(url);
            }
            else
            {
                fields.Fail("http", broken?.What ?? "is not in its canonical form");
            }
        }
        var role = fields.Text("role", 16);
        if (role is not ("node" or "supernode"))
        {
            fields.Fail("role", "must be node or supernode");
        }
        item = new NodeRecord
        {
            Role = role == "supernode" ? NodeRole.Supernode : NodeRole.Node,
            Urls = urls,
            Addresses = addresses,
            Seq = fields.Integer("seq", 0, long.MaxValue),
            Software = fields.Text("software", NetworkLimits.MaxSoftwareBytes),
            UdpPort = (int)fields.Integer("udp", 0, ushort.MaxValue),
            Weight = (int)fields.Integer("weight", 1, NetworkLimits.MaxWeight),
            Work = (int)fields.Integer("work", 0, NetworkLimits.WorkFloorBits + NetworkLimits.MaxExtraWorkBits),
        };
        var fine = fields.IsValid(out fault);
        item = fine ? item : null;
        return fine;
    }
}
