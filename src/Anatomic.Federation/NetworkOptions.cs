using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation;

/// <summary>
/// The network that a node, supernode, planter or client belongs to, and the rules that follow from its name.
/// </summary>
public sealed record NetworkOptions
{
    public NetworkName Name { get; init; } = NetworkName.Main;

    /// <summary>Whether private addresses may be dialled and shared: in private networks only.</summary>
    public bool AllowsPrivate => Name.IsPrivate;

    /// <summary>Zero bits of work that every order must show.</summary>
    public int WorkFloor => Name.WorkFloor;

    /// <summary>
    /// How long a node must be known before planters are sent to it. Private networks have no probation, so that three
    /// nodes on one machine form a network at once.
    /// </summary>
    public TimeSpan Probation => AllowsPrivate ? TimeSpan.Zero : FederationLimits.Probation;

    /// <summary>Shared peers accepted per /24 or /48, partner and torrent.</summary>
    public int MaxSharedPerPrefix => AllowsPrivate ? int.MaxValue : FederationLimits.MaxSharedPerPrefix;

    /// <summary>Whether requests are limited per source prefix.</summary>
    public bool LimitsSources => !AllowsPrivate;

    /// <summary>Creates the options from what the operator gave; false with a fault when it is invalid.</summary>
    /// <param name="name">The network's name. Null: <c>main</c>, or <c>local-default</c> with private
    /// addresses.</param>
    /// <param name="allowPrivate">Whether <c>--allow-private</c> was given. It conflicts with a public network.</param>
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
                $"the network '{parsed}' is public; private addresses need a network whose name begins with local-"
            );
            return false;
        }
        options = new NetworkOptions { Name = parsed };
        return true;
    }
}
