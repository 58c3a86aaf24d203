using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Federation.Lookup;
using Anatomic.Federation.Planting;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Cli.Planting;

/// <summary>Asks the user what <c>plant</c> needs, one question at a time.</summary>
internal sealed class PlantWizard(VerbContext context, IDisk disk)
{
    private readonly TextWriter screen = context.Environment.Error;

    /// <summary>Asks until every answer is valid.</summary>
    /// <param name="defaults">The values of flags and configuration, offered as defaults.</param>
    /// <param name="stop">Ends the wizard without planting.</param>
    /// <exception cref="CliException">The input ended before the last answer.</exception>
    public async Task<PlantRequest> AskAsync(PlantOptions defaults, CancellationToken stop)
    {
        screen.WriteLine("Planting registers a torrent on several nodes, so that peers find each other");
        screen.WriteLine("even if one node fails. Press Enter to accept the value in [brackets], or");
        screen.WriteLine("Ctrl-C to quit without planting.");
        screen.WriteLine();
        var from = context.FullPath(
            await AnswerAsync(
                "1/5  Torrent file, or a file or folder to create one from",
                null,
                answer => FindPathFaultAsync(answer, stop),
                stop
            )
        );
        var network = await AnswerAsync("2/5  Network", defaults.Network, AtOnce(FindNetworkFault), stop);
        var name = NetworkName.TryParse(network, out var parsed, out _) ? parsed : NetworkName.Main;
        var supernodes = await AnswerAsync(
            "3/5  Supernodes as URL#id, separated by spaces",
            defaults.Supernodes.Count == 0 ? null : string.Join(' ', defaults.Supernodes),
            AtOnce(answer => FindSupernodeFault(answer, name)),
            stop
        );
        var nodes = await AnswerAsync(
            $"4/5  Number of nodes, 1 to {CliLimits.MaxNodes}",
            $"{defaults.Nodes}",
            AtOnce(FindNodesFault),
            stop
        );
        var output = PlantRun.DefaultOutput(context, from);
        var to = context.FullPath(
            await AnswerAsync("5/5  Planted torrent to write", output, AtOnce(static _ => null), stop)
        );
        screen.WriteLine();
        screen.Flush();
        return new PlantRequest(
            from,
            to,
            defaults with
            {
                Network = name.Text,
                Supernodes = SplitWords(supernodes),
                Nodes = int.Parse(nodes),
            }
        );
    }

    private async Task<string> AnswerAsync(
        string question,
        string? fallback,
        Func<string, ValueTask<string?>> findFault,
        CancellationToken stop
    )
    {
        while (true)
        {
            screen.Write(fallback is null ? $"{question}: " : $"{question} [{fallback}]: ");
            screen.Flush();
            // A read from the console blocks and cannot be cancelled, so it gets a thread of its own.
            var line =
                await Task.Run(context.Environment.Input.ReadLine, stop).WaitAsync(stop)
                ?? throw CliException.UsageError("the input ended before the last answer, so nothing was planted");
            var answer = line.Trim() is { Length: > 0 } text ? text : fallback ?? "";
            var fault = answer.Length == 0 ? "an answer is required" : await findFault(answer);
            if (fault is null)
            {
                return answer;
            }
            screen.WriteLine($"     {fault}");
        }
    }

    private static Func<string, ValueTask<string?>> AtOnce(Func<string, string?> findFault) =>
        answer => ValueTask.FromResult(findFault(answer));

    private async ValueTask<string?> FindPathFaultAsync(string answer, CancellationToken stop) =>
        await disk.FindAsync(context.FullPath(answer), stop) is null ? $"{answer} does not exist" : null;

    private static string? FindNetworkFault(string answer) =>
        NetworkName.TryParse(answer, out _, out var fault) ? null : fault.ToString();

    private static string? FindSupernodeFault(string answer, NetworkName network)
    {
        foreach (var word in SplitWords(answer))
        {
            if (!SupernodeReference.TryParse(word, network, out _, out var fault))
            {
                return $"{word}: {fault}";
            }
        }
        return null;
    }

    private static string? FindNodesFault(string answer) =>
        int.TryParse(answer, out var count) && count is >= 1 and <= CliLimits.MaxNodes
            ? null
            : $"enter a number from 1 to {CliLimits.MaxNodes}";

    private static string[] SplitWords(string answer) => answer.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
