using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Lookup;

/// <summary>A supernode as a person writes it.</summary>
/// <param name="Url">Its base URL.</param>
/// <param name="Id">The expected id. Null: it was omitted, as private networks allow, and any id is accepted.</param>
public sealed record SupernodeReference(Uri Url, NodeId? Id)
{
    /// <summary>Reads <c>URL#id</c>; on private networks <c>URL</c> alone is valid too.</summary>
    public static bool TryParse(
        string text,
        NetworkName network,
        [NotNullWhen(true)] out SupernodeReference? reference,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        reference = null;
        if (network.IsPrivate && !text.Contains('#', StringComparison.Ordinal))
        {
            reference = BaseUrl.TryParse(text, out var url, out fault) ? new SupernodeReference(url, null) : null;
            return reference is not null;
        }
        reference = SupernodeAddress.TryParse(text, out var address, out fault)
            ? new SupernodeReference(address.Url, address.Id)
            : null;
        return reference is not null;
    }
}
