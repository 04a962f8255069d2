using BenchmarkDotNet.Attributes;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Benchmarks;

/// <summary>From the maps of a tile of 1024 x 1024 working pixels to outlines, and their measurements.</summary>
public class FindBenchmarks
{
    private NucleusMaps _maps = new(1, 1);
    private RgbImage _tile = new(1, 1);
    private NucleusFinder? _finder;
    private List<Nucleus> _nuclei = [];
    private NucleusMeasurements? _basic;
    private NucleusMeasurements? _all;

    [Params(true, false)]
    public bool Vectors { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        using var tissue = new BenchmarkTissue();
        using var model = NucleusModel.LoadBuiltIn();
        _tile = tissue.Tile(model);
        _maps = model.Run(_tile);
        _finder = new NucleusFinder(model.Card.MapMpp) { Vectors = Vectors };
        _nuclei = _finder.Find(_maps);
        _basic = new NucleusMeasurements(MeasurementChoice.Basic, Stain.HaematoxylinEosin, model.Card.MapMpp);
        _all = new NucleusMeasurements(MeasurementChoice.All, Stain.HaematoxylinEosin, model.Card.MapMpp);
    }

    [Benchmark]
    public int Find() => _finder!.Find(_maps).Count;

    [Benchmark]
    public void MeasureBasic() => _nuclei.ForEach(n => _basic!.Measure(_tile, n));

    [Benchmark]
    public void MeasureAll() => _nuclei.ForEach(n => _all!.Measure(_tile, n));
}
