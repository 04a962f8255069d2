using HoverFast.Jobs;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Synthetic;
using HoverFast.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(HoverFast.Review.Tests.SegmentedSample))]

namespace HoverFast.Review.Tests;

/// <summary>A drawn picture and its result, made once; each test reviews a copy.</summary>
public sealed class SegmentedSample : IAsyncLifetime
{
    public const string Name = "sample";
    private const int Side = 1024;
    private readonly TemporaryFolder _folder = new();

    public string Slides => _folder.File("slides");

    public SlidePlaces Places => SlidePlaces.In([Slides]);

    private string Results => _folder.File("results");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Slides);
        var picture = Path.Combine(Slides, Name + ".png");
        SamplePicture.Write(picture, Side, new Mpp(0.25), 7);
        using var segmenter = new SlideSegmenter(
            settings: new SegmentSettings { Measurements = MeasurementChoice.Basic }, calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        var outcome = await segmenter.SegmentAsync(picture, Results, new ResultOptions { Kinds = [ResultKind.GeoJson] });
        Assert.Equal(SlideState.Done, outcome.State);
    }

    /// <summary>A folder of results of one's own.</summary>
    public string Copy(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(Results))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return folder;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
