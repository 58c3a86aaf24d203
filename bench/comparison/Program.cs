using System.Runtime.Versioning;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Flood;
using Anatomic.Comparison.Pages;
using Anatomic.Comparison.Scenarios;
using Anatomic.Comparison.Servers;

[assembly: SupportedOSPlatform("linux")]

const string Usage = """
    Compares this node with other trackers: the same load on each in turn, on loopback.

    dotnet run eng/bench.cs -- compare [flags]
      --only A,B       scenarios whose name contains A or B; default: all
      --rounds N       rounds of each scenario, default 5
      --seconds S      length of a round, default 2
      --peers N        peers that each tracker holds, default 1000000
      --torrents N     torrents that they are in, default 10000
      --orders FOLDER  keeps the orders of memory-planted for the next run; signing them takes minutes
      --verify         check every peer of every reply
      --opentracker PATH  compare a second build of opentracker, opentracker* in the tables
      --node PATH      anatomic.dll, default: as built together with this program
      --list           print the names of the scenarios

    dotnet run eng/bench.cs -- flood [flags]
      --datagrams N    hostile datagrams, default 10000000
      --requests N     hostile HTTP requests, default 1000000
      --pace N         maximum of datagrams per second, default 0: as fast as possible
      --good N         announces per second of the well-behaved client, default 200
      --seconds S      time without flood beforehand, default 5
      --node PATH      as above

    Both write a file to bench/results:
      --results FOLDER write it there instead
      --no-results     write no file
      --machine NAME   name of this machine in the file, default: its processor
      --note TEXT      note in the file

    dotnet run eng/bench.cs -- page [--results FOLDER]
      writes index.html beside the results: the newest run of each scenario as charts
    """;

if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
{
    Console.Error.WriteLine("the comparison needs 64-bit Linux");
    return 2;
}

try
{
    switch (args)
    {
        case [.., "--help" or "-h"]:
            Console.WriteLine(Usage);
            return 0;
        case ["compare", .. var flags]:
            return ComparisonRun.Start(new Arguments(flags));
        case ["flood", .. var flags]:
            return FloodRun.Start(new Arguments(flags));
        case ["page", .. var flags]:
            return ResultsPage.Start(new Arguments(flags));
        case [EchoServer.Verb, var port, var portV6]:
            return EchoServer.Run(int.Parse(port), int.Parse(portV6));
        default:
            Console.WriteLine(Usage);
            return 2;
    }
}
catch (ComparisonException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}
