namespace Anatomic.Federation.Planting;

/// <summary>The steps that the planter does; reading or creating the torrent before and writing the file after are the caller's.</summary>
public enum PlantStep
{
    /// <summary>Supernodes are asked for the best nodes of this torrent.</summary>
    Choose,

    /// <summary>The order is signed and offered to the candidates.</summary>
    Plant,

    /// <summary>The torrent's supernodes are told who holds it.</summary>
    Notify,

    /// <summary>The new torrent file and magnet link are made.</summary>
    Write,
}

/// <summary>A line for a person about what has just happened.</summary>
/// <param name="Step">The step it belongs to.</param>
/// <param name="Text">One plain line, without a full stop.</param>
/// <param name="Done">Receipts so far.</param>
/// <param name="Wanted">Receipts wanted.</param>
public sealed record PlantProgress(PlantStep Step, string Text, int Done, int Wanted);
