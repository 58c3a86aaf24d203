#!/usr/bin/env dotnet
// Measures the program. bench/README.md explains what and how.
//   dotnet run eng/bench.cs [-- COMMAND [FLAGS]]

const string Usage = """
    dotnet run eng/bench.cs -- COMMAND [FLAGS]

      gate             check the allocations of hot operations and the memory of an order against their limits
      operations       time single operations with BenchmarkDotNet, for example: operations --filter '*Udp*'
      compare          compare this node with other trackers; compare --list prints the scenarios
      flood            send hostile traffic to this node beside a well-behaved client
      page             write bench/results/index.html from the files in bench/results

    compare and flood write a file to bench/results; --help prints their flags.
    """;

switch (args)
{
    case ["gate"]:
        return Checkout.RunProject("bench/Anatomic.Bench", args);
    case ["operations", .. var flags]:
        return Checkout.RunProject("bench/Anatomic.Bench", flags);
    case ["compare" or "flood" or "page", ..]:
        return Checkout.RunProject("bench/comparison", args);
    case [] or ["--help" or "-h"]:
        Console.WriteLine(Usage);
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}
