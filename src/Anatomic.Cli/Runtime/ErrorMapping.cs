using Anatomic.Engine;
using Anatomic.Federation.Planting;
using Anatomic.Hosting;
using Anatomic.World;

namespace Anatomic.Cli.Runtime;

/// <summary>Maps the exceptions of the other rooms to an exit status and a line for the user.</summary>
internal static class ErrorMapping
{
    /// <summary>Null for an unexpected exception: that is a bug, and the program prints it in full.</summary>
    public static CliException? ToCliException(Exception fault) =>
        fault switch
        {
            CliException known => known,
            HostException { Fault: HostFault.Option } option => CliException.UsageError(option.Message),
            HostException listen => new CliException(ExitStatus.Failed, "listen", listen.Message, listen),
            PlantException plant => new CliException(StatusOf(plant.Fault), "plant", plant.Message, plant),
            EngineException engine => new CliException(ExitStatus.Failed, "torrent", engine.Message, engine),
            DiskException { Kind: DiskFault.Full } disk => new CliException(
                ExitStatus.Failed,
                "disk-full",
                disk.Message,
                disk
            ),
            DiskException disk => new CliException(ExitStatus.Failed, "disk", disk.Message, disk),
            NetworkException network => new CliException(
                ExitStatus.NetworkUnreachable,
                "network",
                network.Message,
                network
            ),
            _ => null,
        };

    private static int StatusOf(PlantFault fault) =>
        fault switch
        {
            PlantFault.NoSupernode or PlantFault.OutOfReach or PlantFault.NoNode => ExitStatus.NetworkUnreachable,
            PlantFault.Argument => ExitStatus.UsageError,
            _ => ExitStatus.Failed,
        };
}
