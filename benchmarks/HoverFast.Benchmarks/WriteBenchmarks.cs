using BenchmarkDotNet.Attributes;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Stains;

namespace HoverFast.Benchmarks;

/// <summary>The nuclei of a tile of 1024 x 1024 working pixels, written as GeoJSON, plain and with gzip.</summary>
public class WriteBenchmarks
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hoverfast-benchmarks-").FullName;
    private TileResult? _result;
    private IReadOnlyList<MeasurementName> _names = [];

    [Params("x.geojson", "x.geojson.gz")]
    public string File { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        using var tissue = new BenchmarkTissue();
        using var model = NucleusModel.LoadBuiltIn();
        var tile = tissue.Tile(model);
        var measurements = new NucleusMeasurements(MeasurementChoice.Basic, Stain.HaematoxylinEosin, model.Card.MapMpp);
        var nuclei = new NucleusFinder(model.Card.MapMpp).Find(model.Run(tile));
        _names = measurements.Names;
        _result = new TileResult(0, nuclei.ConvertAll(n => n.Transformed(2, 20_000, 30_000)), nuclei.ConvertAll(n => measurements.Measure(tile, n)), [], []);
    }

    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [Benchmark]
    public void Write()
    {
        using var writer = new NucleusWriter([new GeoJsonOutput(Path.Combine(_folder, File), _names)], [1]);
        writer.Add(_result!.Nuclei, _result.Measurements);
        writer.Complete();
    }
}
