#!/usr/bin/env dotnet
// Runs the fuzz targets: each decoder gets mutated inputs from its corpus. A failure prints the seed that repeats it.
//   dotnet run eng/fuzz.cs [-- [--seed N] [--executions N] [--target NAME]]
// --seed: of the first input, default 1; --executions: inputs for each target, default 100000; --target: only this one.

// The program takes the name of the target without a flag.
return Checkout.RunProject("tests/Anatomic.Fuzz", args.Where(arg => arg != "--target"));
