using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Synthetic;

namespace HoverFast.Benchmarks;

/// <summary>The tissue that benchmarks run on: the slide that the variable HOVERFAST_BENCH_SLIDE names, or one that is drawn.</summary>
internal sealed class BenchmarkTissue : IDisposable
{
    /// <summary>Side of the tile that benchmarks work on, in working pixels.</summary>
    public const int TileSide = 1024;

    private readonly DirectoryInfo? _folder;

    public BenchmarkTissue(string? slide = null)
    {
        Path = slide ?? Environment.GetEnvironmentVariable("HOVERFAST_BENCH_SLIDE") ?? "";
        if (Path.Length == 0)
        {
            _folder = Directory.CreateTempSubdirectory("hoverfast-benchmarks-");
            Path = System.IO.Path.Combine(_folder.FullName, "drawn.svs");
            SyntheticSlide.Write(Path, new SyntheticSlideOptions { Size = new PixelSize(4096, 4096), TissueFraction = 1 });
        }

        Slide = HoverFast.Slides.Slide.Open(Path);
        Mpp = new SlideCalibrator().Resolve(Slide).Mpp;
    }

    public string Path { get; }

    public ISlide Slide { get; }

    public Mpp Mpp { get; }

    public SlideSampler SamplerFor(NucleusModel model) => new(Slide, Mpp, new Mpp(model.Card.Mpp));

    /// <summary>A tile from the middle of the slide.</summary>
    public RgbImage Tile(NucleusModel model)
    {
        var sampler = SamplerFor(model);
        return sampler.Read(
            new WorkingRect(Math.Max(0, (sampler.Grid.Size.Width - TileSide) / 2), Math.Max(0, (sampler.Grid.Size.Height - TileSide) / 2), TileSide, TileSide));
    }

    public void Dispose()
    {
        Slide.Dispose();
        _folder?.Delete(recursive: true);
    }
}
