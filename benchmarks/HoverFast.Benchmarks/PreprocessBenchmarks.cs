using BenchmarkDotNet.Attributes;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Benchmarks;

/// <summary>
/// What happens to a tile before the network, whose graph does the scaling of bytes: the mirror at the slide's edge, and stain separation for DAB.
/// </summary>
public class PreprocessBenchmarks
{
    private RgbImage _tile = new(1, 1);

    [GlobalSetup]
    public void Setup()
    {
        using var tissue = new BenchmarkTissue();
        using var model = NucleusModel.LoadBuiltIn();
        _tile = tissue.Tile(model);
    }

    [Benchmark]
    public void MirrorACorner() => SlideBorder.Mirror(_tile, new WorkingRect(-96, -96, _tile.Width, _tile.Height), new PixelSize(100_000, 100_000));

    [Benchmark]
    public RgbImage SeparateHaematoxylin() => HaematoxylinPicture.Of(_tile);
}
