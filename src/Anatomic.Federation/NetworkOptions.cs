using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation;

/// <summary>The network that a node, supernode, planter or client belongs to, and the rules that follow from its name.</summary>
public sealed record NetworkOptions
{
    public NetworkName Name { get; init; } = NetworkName.Main;

    /// <summary>Private addresses are dialled and passed on; so it is in private networks and nowhere else.</summary>
    public bool AllowsPrivate => Name.IsPrivate;

    /// <summary>Zero bits that every order must show.</summary>
    public int WorkFloor => Name.WorkFloor;

    /// <summary>How long a node is known before it is given orders; none in private networks, so that three nodes on a plants are one.</summary>
    public TimeSpan Probation => AllowsPrivate ? TimeSpan.Zero : FederationLimits.Probation;

    /// <summary>Shared peers taken of one /24 or /48, from one partner for one torrent.</summary>
    public int MaxSharedPerPrefix => AllowsPrivate ? int.MaxValue : FederationLimits.MaxSharedPerPrefix;

    /// <summary>Whether askers are limited by their source prefix.</summary>
    public bool LimitsSources => !AllowsPrivate;

    /// <param name="name">Null: <c>main</c>, or <c>local-default</c> when private addresses are allowed.</param>
    /// <param name="allowPrivate">What <c>--allow-private</c> says; a public network with it is a contradiction.</param>
    public static bool TryCreate(
        string? name,
        bool allowPrivate,
        [NotNullWhen(true)] out NetworkOptions? options,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        options = null;
        fault = null;
        var parsed = allowPrivate ? NetworkName.LocalDefault : NetworkName.Main;
        if (name is not null && !NetworkName.TryParse(name, out parsed, out fault))
        {
            return false;
        }
        if (allowPrivate && !parsed.IsPrivate)
        {
            fault = new Fault(
                $"the network '{parsed}' is public: private addresses are allowed only in networks whose name begins with local-"
            );
            return false;
        }
        options = new NetworkOptions { Name = parsed };
        return true;
    }
}
