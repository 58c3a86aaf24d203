#!/usr/bin/env dotnet
// Builds everything, checks the formatting, runs every test and prints the counts.
//   dotnet run eng/test.cs [-- [--require-interop] [--only PART]]
// --require-interop: a test skipped because a program is missing counts as a failure.
// --only: runs the test projects whose name contains PART.
using System.Diagnostics;
using System.Xml.Linq;

var requireInterop = args.Contains("--require-interop");
var only = args.SkipWhile(arg => arg != "--only").Skip(1).FirstOrDefault() ?? "";
var results = Directory.CreateTempSubdirectory("anatomic-results-").FullName;

if (
    Checkout.Run("dotnet", "tool", "restore") != 0
    || Checkout.Run("dotnet", "build", "Anatomic.slnx", "-c", "Release", "--nologo", "-v", "quiet") != 0
    || Checkout.Run("dotnet", "csharpier", "check", ".") != 0
)
{
    Console.WriteLine("0 passed, 1 failed, 0 skipped");
    return 1;
}

var (passed, failed, skipped) = (0, 0, 0);
var projects = Directory
    .EnumerateFiles(Path.Combine(Checkout.Root, "tests"), "*.Tests.csproj", SearchOption.AllDirectories)
    .Where(project => Path.GetFileName(project).Contains(only, StringComparison.OrdinalIgnoreCase))
    .Order(StringComparer.Ordinal);
foreach (var project in projects)
{
    var name = Path.GetFileNameWithoutExtension(project);
    var trx = Path.Combine(results, name + ".trx");
    var watch = Stopwatch.StartNew();
    var status = Checkout.Run(
        "dotnet",
        [
            "test",
            project,
            "-c",
            "Release",
            "--no-build",
            "--nologo",
            "-v",
            "quiet",
            "--logger",
            $"trx;LogFileName={trx}",
        ]
    );
    var (ran, broken, left) = File.Exists(trx) ? Count(trx) : (0, 0, []);
    if (status != 0 && broken == 0)
    {
        Console.WriteLine($"{name}: the test run failed with status {status}");
        broken = 1;
    }
    foreach (var test in left)
    {
        Console.WriteLine($"skipped: {test}");
    }
    if (requireInterop && left.Count > 0)
    {
        Console.WriteLine($"{name}: {left.Count} skipped, but --require-interop allows none");
        broken += left.Count;
        left = [];
    }
    Console.WriteLine(
        $"{name}: {ran} passed, {broken} failed, {left.Count} skipped in {watch.Elapsed.TotalSeconds:N0} s"
    );
    passed += ran;
    failed += broken;
    skipped += left.Count;
}
Directory.Delete(results, recursive: true);
Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
return failed == 0 && passed > 0 ? 0 : 1;

static (int Passed, int Failed, List<string> Skipped) Count(string trx)
{
    var outcomes = XDocument
        .Load(trx)
        .Descendants()
        .Where(element => element.Name.LocalName == "UnitTestResult")
        .Select(element =>
            (Name: (string?)element.Attribute("testName") ?? "", Outcome: (string?)element.Attribute("outcome"))
        )
        .ToList();
    return (
        outcomes.Count(test => test.Outcome == "Passed"),
        outcomes.Count(test => test.Outcome is not ("Passed" or "NotExecuted")),
        [.. outcomes.Where(test => test.Outcome == "NotExecuted").Select(test => test.Name)]
    );
}
