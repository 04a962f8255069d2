using BenchmarkDotNet.Attributes;
using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Benchmarks;

/// <summary>A built-in network on a tile of 1024 x 1024 working pixels, on one thread.</summary>
public class NetworkBenchmarks
{
    private NucleusModel? _model;
    private RgbImage _tile = new(1, 1);

    /// <summary>The built-in models.</summary>
    public static IEnumerable<string> Models => NucleusModel.BuiltIn;

    [ParamsSource(nameof(Models))]
    public string Model { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        using var tissue = new BenchmarkTissue();
        _model = NucleusModel.LoadBuiltIn(Model);
        _tile = tissue.Tile(_model);
    }

    [GlobalCleanup]
    public void Cleanup() => _model?.Dispose();

    [Benchmark]
    public NucleusMaps Run() => _model!.Run(_tile);
}
