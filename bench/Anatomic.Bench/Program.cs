using Anatomic.Bench.Gate;
using BenchmarkDotNet.Running;

if (args is ["gate"])
{
    return AllocationGate.Run();
}
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
