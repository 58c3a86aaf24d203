using System.Runtime.Versioning;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Flood;
using Anatomic.Comparison.Scenarios;
using Anatomic.Comparison.Servers;

[assembly: SupportedOSPlatform("linux")]

const string Usage = """
    The same work done by this node and by other trackers, in turns, on loopback.

    dotnet run -c Release --project bench/comparison -- trackers [flags]
      --only A,B       scenarios (a part of a name takes all that hold it); without it: all of them
      --rounds N       rounds of each scenario, default 5
      --seconds S      length of one, default 2
      --peers N        peers filled in before, default 1000000
      --torrents N     torrents they are in, default 10000
      --orders FOLDER  where memory-planted keeps its orders for the next run: signing them takes minutes
      --verify         look every peer of every reply up
      --opentracker PATH  one more build of opentracker beside the system's: opentracker* in the tables
      --node PATH      anatomic.dll, default: as built beside this program
      --json FILE      append every round and every result, a line of JSON each
      --list           the names of the scenarios

    dotnet run -c Release --project bench/comparison -- flood [flags]
      --datagrams N    hostile datagrams, default 10000000
      --requests N     odd HTTP requests, default 1000000
      --pace N         most datagrams a second, default 0: as fast as it can
      --good N         announces a second of the good client beside them, default 200
      --seconds S      length of the quiet time before, default 5
      --node, --json   as above
    """;

if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
{
    Console.Error.WriteLine("this runs on 64-bit Linux only, as do the servers that it measures");
    return 2;
}

try
{
    switch (args)
    {
        case [.., "--help" or "-h"]:
            Console.WriteLine(Usage);
            return 0;
        case ["trackers", .. var flags]:
            return ComparisonRun.Start(new Arguments(flags));
        case ["flood", .. var flags]:
            return FloodRun.Start(new Arguments(flags));
        case [EchoServer.Verb, var port, var portV6]:
            return EchoServer.Run(int.Parse(port), int.Parse(portV6));
        default:
            Console.WriteLine(Usage);
            return 2;
    }
}
catch (PeersException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}
