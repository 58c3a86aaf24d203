using Anatomic.Federation.Planting;

namespace Anatomic.Cli.Planting;

/// <summary>What to plant, and where to write the result.</summary>
/// <param name="From">Absolute path of a torrent file, or of data to create one from.</param>
/// <param name="To">Absolute path of the planted torrent.</param>
/// <param name="Options">The planter's options.</param>
internal sealed record PlantRequest(string From, string To, PlantOptions Options);
