using HoverFast.Jobs;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Server.Tests;
using HoverFast.Slides;
using HoverFast.Synthetic;
using HoverFast.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(SegmentedSlides))]

namespace HoverFast.Server.Tests;

/// <summary>Two drawn slides, one of them with its result: made once, and copied by tests that change something.</summary>
public sealed class SegmentedSlides : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The slide with a result.</summary>
    public const string Done = "done";

    /// <summary>The slide without.</summary>
    public const string New = "new";

    /// <summary>The folder of slides.</summary>
    public string Slides => _folder.File("slides");

    /// <summary>The folder of results.</summary>
    public string Results => _folder.File("results");

    /// <summary>The result.</summary>
    public Manifest Manifest { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Slides);
        var options = new SyntheticSlideOptions
        {
            Size = new PixelSize(4000, 3000),
            TissueFraction = 0.3,
            Pieces = 2,
        };
        SyntheticSlide.Write(Path.Combine(Slides, Done + ".svs"), options);
        SyntheticSlide.Write(Path.Combine(Slides, New + ".svs"), options with { Seed = 2 });
        using var segmenter = new SlideSegmenter(settings: new SegmentSettings { Measurements = MeasurementChoice.All });
        var outcome = await segmenter.SegmentAsync(
            Path.Combine(Slides, Done + ".svs"),
            Results,
            new ResultOptions { Kinds = [ResultKind.GeoJson, ResultKind.Quality] });
        Manifest = outcome.Manifest!;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A copy of the results that a test may change.</summary>
    internal string CopyResults(TemporaryFolder folder)
    {
        var copy = Directory.CreateDirectory(folder.File("results")).FullName;
        foreach (var file in Directory.GetFiles(Results))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }
}
