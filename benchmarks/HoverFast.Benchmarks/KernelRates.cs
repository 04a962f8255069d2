using System.Globalization;
using HoverFast.Model;
using HoverFast.Model.Engine;
using HoverFast.Model.Onnx;
using HoverFast.Pipeline;

namespace HoverFast.Benchmarks;

/// <summary>
/// What each kernel of this machine and ONNX Runtime take for a tile of 1024 x 1024 pixels, on one thread. They take turns, and processor time
/// counts, so that other programs on the machine hardly matter; the median is told.
/// </summary>
internal static class KernelRates
{
    /// <summary>Usage: kernels [ROUNDS] [MODEL].</summary>
    public static int Run(ReadOnlySpan<string> args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 15;
        var name = args.Length > 1 ? args[1] : NucleusModel.BuiltIn[0];
        using var tissue = new BenchmarkTissue();
        using var reference = NucleusModel.LoadBuiltIn(name, onnxRuntime: true);
        var tile = tissue.Tile(reference);
        var graph = OnnxGraph.Parse(BuiltInModels.Graph(name), name);
        var runners = new List<(string Name, Func<NucleusMaps> Run)>();
        foreach (var kernel in ConvolutionKernel.Available)
        {
            var engine = IntegerEngine.TryCreate(graph, kernel) ?? throw new InvalidOperationException($"{name} is no network of the integer engine.");
            var maps = engine.NewMaps(tile);
            runners.Add((kernel.Name, () =>
            {
                engine.Run(tile, maps);
                return maps;
            }));
        }

        runners.Add((reference.Engine, () => reference.Run(tile)));
        var seconds = runners.ConvertAll(_ => new List<double>());
        for (var round = -1; round < rounds; round++)
        {
            for (var i = 0; i < runners.Count; i++)
            {
                var start = ThreadTime.Now;
                _ = runners[i].Run();
                if (round >= 0)
                {
                    seconds[i].Add((ThreadTime.Now - start) / 1e9);
                }
            }
        }

        var medians = seconds.ConvertAll(s => s.Order().ElementAt(s.Count / 2));
        Console.WriteLine($"{name}, {tile.Width} x {tile.Height}, {rounds} rounds");
        for (var i = 0; i < runners.Count; i++)
        {
            Console.WriteLine(
                $"{runners[i].Name, -22} {medians[i] * 1000, 8:0.0} ms {tile.Width * tile.Height / medians[i] / 1e6, 8:0.00} Mpx/s {medians[^1] / medians[i], 8:0.00} x {runners[^1].Name}");
        }

        return 0;
    }
}
