using System.Diagnostics;
using System.Globalization;
using HoverFast.Model;
using HoverFast.Model.Engine;
using HoverFast.Model.Onnx;
using HoverFast.Slides;

namespace HoverFast.Benchmarks;

/// <summary>
/// Whether more threads would stall in the integer engine, on however few cores: processor time and memory allocated for a tile, locks that a
/// thread had to wait for, and memory of a thread, for 1 to 64 threads.
/// </summary>
internal static class ThreadScaling
{
    private const int MostThreads = 64;

    /// <summary>Usage: threads [TILE SIDE] [TILES OF ALL THREADS].</summary>
    public static int Run(ReadOnlySpan<string> args)
    {
        var side = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 512;
        var tiles = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2 * MostThreads;
        var kernel = ConvolutionKernel.Choose(Environment.GetEnvironmentVariable(ConvolutionKernel.Variable))
            ?? throw new PlatformNotSupportedException("no kernel fits this processor.");
        var graph = OnnxGraph.Parse(BuiltInModels.Graph(NucleusModel.DefaultName), NucleusModel.DefaultName);
        var picture = new RgbImage(side, side);
        new Random(1).NextBytes(picture.Pixels);
        foreach (var threads in new[] { 1, 2, 8, 32, MostThreads })
        {
            var engine = IntegerEngine.TryCreate(graph, kernel)
                ?? throw new InvalidOperationException("the default student is no network of the integer engine.");
            Measure(engine, picture, threads, Math.Max(1, tiles / threads));
        }

        return 0;
    }

    private static void Measure(IntegerEngine engine, RgbImage picture, int threads, int tiles)
    {
        using var process = Process.GetCurrentProcess();
        using var barrier = new Barrier(threads + 1);
        var allocated = new long[threads];
        var own = new long[threads];
        var workers = Enumerable.Range(0, threads).Select(t => new Thread(() =>
        {
            var maps = engine.NewMaps(picture);
            var start = GC.GetAllocatedBytesForCurrentThread();
            engine.Run(picture, maps);
            own[t] = GC.GetAllocatedBytesForCurrentThread() - start;
            barrier.SignalAndWait();
            barrier.SignalAndWait();
            start = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < tiles; i++)
            {
                engine.Run(picture, maps);
            }

            allocated[t] = GC.GetAllocatedBytesForCurrentThread() - start;
        })).ToList();
        workers.ForEach(w => w.Start());
        barrier.SignalAndWait();
        var waited = Monitor.LockContentionCount;
        process.Refresh();
        var before = process.TotalProcessorTime;
        barrier.SignalAndWait();
        workers.ForEach(w => w.Join());
        process.Refresh();
        var time = (process.TotalProcessorTime - before).TotalMilliseconds / threads / tiles;
        Console.WriteLine(
            $"{threads, 2} threads ({engine.Kernel}), tiles of {picture.Width}: {time:0.0} CPU ms a tile, {allocated.Sum() / threads / tiles / 1024.0:0.0} KiB allocated a tile, "
                + $"{Monitor.LockContentionCount - waited} waits for locks, {own.Max() / 1048576.0:0.0} MiB of a thread's own");
    }
}
