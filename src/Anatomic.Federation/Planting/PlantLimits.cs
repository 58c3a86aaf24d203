namespace Anatomic.Federation.Planting;

/// <summary>Bounds of the planter.</summary>
public static class PlantLimits
{
    /// <summary>Supernodes asked for the best nodes: one may be down and one may lie.</summary>
    public const int SupernodesAsked = 3;

    /// <summary>Nodes asked for: twice the candidates, so that answers of several supernodes overlap.</summary>
    public const int NodesAsked = 24;

    /// <summary>Nonces tried between two looks at the token; some 50 ms of work.</summary>
    public const int WorkStep = 1 << 16;

    /// <summary>A node checks the order and makes it durable before it answers.</summary>
    public static readonly TimeSpan PlantDeadline = TimeSpan.FromSeconds(10);
}
