using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Federation.Planting;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Cli.Planting;

/// <summary>Asks a person for what <c>plant</c> needs, a question at a time; the same five steps follow.</summary>
internal sealed class PlantWizard(VerbContext context, IDisk disk)
{
    private readonly TextWriter screen = context.ProcessEnvironment.Error;

    /// <param name="given">What flags and configuration already say; it stands as the proposal.</param>
    public PlantRequest Ask(PlantOptions given)
    {
        screen.WriteLine(
            "Planting puts a torrent on several nodes, so that no single machine is needed to find its peers."
        );
        screen.WriteLine("Empty answers take what stands in [brackets]; Ctrl-C leaves, and nothing has happened.");
        screen.WriteLine();
        var from = context.FullPath(
            Question("1/5  Torrent file, or the file or folder to make one of", null, answer => PathFault(answer))
        );
        var network = Question("2/5  Network", given.Network, NetworkFault);
        var name = NetworkName.TryParse(network, out var parsed, out _) ? parsed : NetworkName.Main;
        var supernodes = Question(
            "3/5  Supernodes, as URL#id, separated by blanks",
            given.Supernodes.Count == 0 ? null : string.Join(' ', given.Supernodes),
            answer => SupernodeFault(answer, name)
        );
        var nodes = Question("4/5  How many nodes shall hold it", $"{given.Nodes}", NodesFault);
        var to = context.FullPath(
            Question("5/5  Write the planted torrent to", PlantRun.DefaultTarget(context, from), static _ => null)
        );
        screen.WriteLine();
        screen.Flush();
        return new PlantRequest(
            from,
            to,
            given with
            {
                Network = name.Text,
                Supernodes = SplitWords(supernodes),
                Nodes = int.Parse(nodes),
            }
        );
    }

    private string Question(string text, string? proposal, Func<string, string?> faultOf)
    {
        while (true)
        {
            screen.Write(proposal is null ? $"{text}: " : $"{text} [{proposal}]: ");
            screen.Flush();
            var line =
                context.ProcessEnvironment.Input.ReadLine()
                ?? throw CliException.Arguments("the answers ended early: nothing was planted");
            var answer = line.Trim() is { Length: > 0 } said ? said : proposal ?? "";
            var fault = answer.Length == 0 ? "an answer is needed" : faultOf(answer);
            if (fault is null)
            {
                return answer;
            }
            screen.WriteLine($"     {fault}");
        }
    }

    private string? PathFault(string answer) =>
        disk.Find(context.FullPath(answer)) is null ? $"{answer} does not exist" : null;

    private static string? NetworkFault(string answer) =>
        NetworkName.TryParse(answer, out _, out var fault) ? null : fault.ToString();

    private static string? SupernodeFault(string answer, NetworkName network)
    {
        foreach (var word in SplitWords(answer))
        {
            if (!Federation.Lookup.SupernodeReference.TryParse(word, network, out _, out var fault))
            {
                return $"{word}: {fault}";
            }
        }
        return null;
    }

    private static string? NodesFault(string answer) =>
        int.TryParse(answer, out var wanted) && wanted is >= 1 and <= 12 ? null : "a number from 1 to 12, please";

    private static string[] SplitWords(string answer) => answer.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
