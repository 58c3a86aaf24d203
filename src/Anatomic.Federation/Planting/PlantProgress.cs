namespace Anatomic.Federation.Planting;

/// <summary>
/// The planter's steps. The caller reads or creates the torrent before them and writes the file after them.
/// </summary>
public enum PlantStep
{
    /// <summary>Asks supernodes for the best nodes of this torrent.</summary>
    Choose,

    /// <summary>Signs the order and submits it to the candidates.</summary>
    Plant,

    /// <summary>Tells the torrent's supernodes who holds it.</summary>
    Notify,

    /// <summary>Builds the new torrent file and magnet link.</summary>
    Write,
}

/// <summary>One line for a person about the planter's progress.</summary>
/// <param name="Step">The step that the line belongs to.</param>
/// <param name="Text">One plain line, without a full stop.</param>
/// <param name="Done">Receipts so far.</param>
/// <param name="Wanted">Receipts wanted.</param>
public sealed record PlantProgress(PlantStep Step, string Text, int Done, int Wanted);
