namespace Anatomic.Simulation.Networks;

/// <summary>
/// A connection or request between two hosts that fails when one crashes or a partition separates them.
/// </summary>
internal interface IBreakable
{
    /// <summary>Whether it fails when the host crashes.</summary>
    bool Involves(INetworkHost host);

    /// <summary>Whether a partition between the two hosts cuts it.</summary>
    bool IsBetween(INetworkHost left, INetworkHost right);

    /// <summary>Both ends learn of it after <paramref name="delay"/> and the one-way delay of the link.</summary>
    void Break(string reason, TimeSpan delay);
}
