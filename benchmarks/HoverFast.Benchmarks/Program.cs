using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using HoverFast.Benchmarks;

// "stages" tells what each step of the main line costs on a whole slide, "kernels" what the network costs with each of the integer engine's
// kernels, "threads" whether many of them would stall in it; all else is BenchmarkDotNet's.
if (args is ["stages", ..])
{
    return StageCosts.Run(args.AsSpan(1));
}

if (args is ["kernels", ..])
{
    return KernelRates.Run(args.AsSpan(1));
}

if (args is ["threads", ..])
{
    return ThreadScaling.Run(args.AsSpan(1));
}

// "empty" tells how much of a slide's tissue has no nuclei near it.
if (args is ["empty", ..])
{
    return await EmptyTissue.RunAsync(args[1..]);
}

// "libraries" tells what our writers cost beside those of .NET.
if (args is ["libraries", ..])
{
    return LibraryCosts.Run(args.AsSpan(1));
}

// "jpeg2000" tells what a slide's tiles cost by either decoder.
if (args is ["jpeg2000", ..])
{
    return Jpeg2000Rates.Run(args.AsSpan(1));
}

// "review" goes through the loop of docs/review.md with labels as the reviewer.
if (args is ["review", ..])
{
    return await ReviewLoop.RunAsync(args[1..]);
}

// "cluster" simulates a cohort on many cores, packed into tasks in several ways.
if (args is ["cluster", ..])
{
    return ClusterPacking.Run(args.AsSpan(1));
}

// In this process: BenchmarkDotNet's own builds would inherit this repository's settings. Short runs unless "--long" is given.
var patient = args.Contains("--long");
var job = (patient ? Job.Default : Job.ShortRun).WithToolchain(InProcessEmitToolchain.Instance);
var config = DefaultConfig.Instance.AddJob(job).AddDiagnoser(MemoryDiagnoser.Default);
BenchmarkSwitcher.FromAssembly(typeof(StageCosts).Assembly).Run([.. args.Where(a => a != "--long")], config);
return 0;
