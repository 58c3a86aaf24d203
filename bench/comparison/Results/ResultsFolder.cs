using System.Text.Json;
using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Results;

/// <summary>A run and the name of its file.</summary>
internal readonly record struct StoredRun(string File, RunRecord Run);

/// <summary>The folder that holds one file for each run, named DATE-MACHINE.json.</summary>
internal sealed class ResultsFolder(string folder)
{
    /// <summary>bench/results of the checkout that this program was built in.</summary>
    public static string DefaultPath =>
        // …/bench/comparison/bin/<configuration>/<framework>/
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../results"));

    /// <summary>Writes a run. A number follows the name of the second and later runs of a day.</summary>
    /// <returns>The path of the file.</returns>
    public string Write(RunRecord run)
    {
        Directory.CreateDirectory(folder);
        var name = $"{run.Date}-{run.Machine.Name}";
        var file = PathOf($"{name}.json");
        for (var number = 2; File.Exists(file); number++)
        {
            file = PathOf($"{name}-{number}.json");
        }
        File.WriteAllText(file, RunFile.Write(run));
        return file;
    }

    /// <summary>Reads every run, oldest first.</summary>
    /// <exception cref="ComparisonException">There is no folder, or a file does not follow the schema.</exception>
    public IReadOnlyList<StoredRun> ReadAll()
    {
        if (!Directory.Exists(folder))
        {
            throw new ComparisonException($"{folder} does not exist: run a comparison or pass --results FOLDER");
        }
        return
        [
            .. Directory
                .EnumerateFiles(folder, "*.json")
                .Select(file => new StoredRun(Path.GetFileName(file), Read(file)))
                .OrderBy(stored => stored.Run.Date, StringComparer.Ordinal)
                .ThenBy(stored => stored.File.Length)
                .ThenBy(stored => stored.File, StringComparer.Ordinal),
        ];
    }

    public string PathOf(string file) => Path.Combine(folder, file);

    private static RunRecord Read(string file)
    {
        try
        {
            var run = RunFile.Read(File.ReadAllText(file));
            return run.Schema == RunRecord.CurrentSchema
                ? run
                : throw new ComparisonException($"{file} has schema {run.Schema}; this program knows only schema 1");
        }
        catch (JsonException fault)
        {
            throw new ComparisonException($"{file} is not a run: {fault.Message}");
        }
    }
}
