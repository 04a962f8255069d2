using System.Text.Json;
using HoverFast.Jobs;
using HoverFast.Jobs.Finished;
using HoverFast.Labels;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tests.Quality;
using Xunit;

namespace HoverFast.Tests.Jobs;

/// <summary>Three by two fields of tissue: the middle column is out of focus, and the upper right field is drawn on with a pen.</summary>
public sealed class ExcludeArtefactsTests : IDisposable
{
    private const int Field = DamagedTissue.Field;
    private readonly TemporaryFolder _folder = new();

    public ExcludeArtefactsTests()
    {
        var picture = DamagedTissue.Draw(3, 2);
        DamagedTissue.Blur(picture, new PixelRect(Field, 0, Field, 2 * Field), 10);
        DamagedTissue.Pen(picture, new PixelRect(2 * Field, 0, Field, Field));
        RgbImageFile.WritePng(_folder.File("slide.png"), picture);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task NoNucleusOfAFieldWithArtefactsIsWrittenAndAllOthersAre()
    {
        var all = await Segment("all", exclude: false);
        var some = await Segment("some", exclude: true);
        var kept = OutlineFile.Read(_folder.File("some/slide.geojson.gz"));
        Assert.Equal(
            OutlineFile.Read(_folder.File("all/slide.geojson.gz")).Where(o => !IsLeftOut(o.Average(p => p.X), o.Average(p => p.Y), margin: 30)).Select(Text),
            kept.Where(o => !IsLeftOut(o.Average(p => p.X), o.Average(p => p.Y), margin: 30)).Select(Text));
        Assert.DoesNotContain(kept, o => IsLeftOut(o.Average(p => p.X), o.Average(p => p.Y), margin: -30));
        Assert.Equal(kept.Count, some.Counts.Nuclei);
        Assert.Equal(all.Counts.Nuclei, some.Counts.Nuclei + some.LeftOut!.Nuclei);
        Assert.Null(all.LeftOut);
        Assert.NotEqual(all.Key, some.Key);

        Assert.Equal(["0: 1 to 2", "1: 1"], some.LeftOut.Fields);
        Assert.Equal(2, some.LeftOut.Reasons["blurred"]);
        Assert.Equal(1, some.LeftOut.Reasons["pen"]);
        Assert.InRange(some.LeftOut.Area, 2 * 0.0655, 3 * 0.0656);
        Assert.Contains(some.Warnings, w => w.StartsWith("3 fields (0.", StringComparison.Ordinal));
        Assert.True(some.Quality!.ExpectedPq > all.Quality!.ExpectedPq);

        using var regions = JsonDocument.Parse(File.ReadAllBytes(_folder.File("some/slide.quality.geojson")));
        Assert.Equal(
            3,
            regions.RootElement
                .GetProperty("features")
                .EnumerateArray()
                .Count(f => f.GetProperty("properties").GetProperty("classification").GetProperty("name").GetString() == "Artefact, left out"));
        var rerun = await ResultRerun.RunAsync(
            _folder.File("some"),
            new RerunOptions { Tiles = 100, Slides = [_folder.Path] },
            TestContext.Current.CancellationToken);
        Assert.Empty(rerun.Problems);
        Assert.Equal(some.Counts.Nuclei, rerun.Nuclei);
    }

    /// <summary>A slide out of focus: what was left out isn't told as tissue without nuclei.</summary>
    [Fact]
    public async Task TissueThatIsLeftOutHasNoNucleiToMiss()
    {
        var picture = DamagedTissue.Draw(5, 2);
        DamagedTissue.Blur(picture, new PixelRect(0, 0, picture.Width, picture.Height), 10);
        RgbImageFile.WritePng(_folder.File("slide.png"), picture);
        var manifest = await Segment("blurred", exclude: true);
        Assert.True(manifest.Counts.TissueArea > 0.5);
        Assert.Equal(manifest.Counts.TissueArea, manifest.LeftOut!.Area, 0.1);
        Assert.DoesNotContain(manifest.Warnings, w => w.StartsWith("Only", StringComparison.Ordinal));
    }

    /// <summary>One thread, three, and a run that is stopped after some tiles and goes on.</summary>
    [Fact]
    public async Task ThreadsAndInterruptionsDoNotChangeAByte()
    {
        await Segment("one", exclude: true, threads: 1);
        await Segment("three", exclude: true, threads: 3);
        using (var stop = new CancellationTokenSource())
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Segment("again", exclude: true, threads: 1, progress: p =>
            {
                if (p.TilesDone == 3)
                {
                    stop.Cancel();
                }
            }, stop: stop));
        }

        Assert.True(File.Exists(_folder.File("again/slide.journal")));
        Assert.False(File.Exists(_folder.File("again/slide.geojson.gz")));
        Assert.True((await Segment("again", exclude: true)).Counts.TilesResumed >= 3);
        foreach (var ending in (string[])[".geojson.gz", ".quality.json", ".quality.geojson"])
        {
            var expected = File.ReadAllBytes(_folder.File("one/slide" + ending));
            Assert.Equal(expected, File.ReadAllBytes(_folder.File("three/slide" + ending)));
            Assert.Equal(expected, File.ReadAllBytes(_folder.File("again/slide" + ending)));
        }
    }

    private static string Text(System.Numerics.Vector2[] outline) => string.Join(' ', outline);

    /// <summary>Whether a point lies in a field that is damaged, or nearer to one than a margin (below 0: deeper in it).</summary>
    private static bool IsLeftOut(float x, float y, float margin) =>
        (x >= Field - margin && x < (2 * Field) + margin) || (x >= (2 * Field) - margin && y < Field + margin);

    private async Task<Manifest> Segment(
        string name, bool exclude, int threads = 2, Action<SlideProgress>? progress = null, CancellationTokenSource? stop = null)
    {
        using var segmenter = new SlideSegmenter(
            settings: new SegmentSettings { Threads = threads, TileSize = 700 },
            calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        var options = new ResultOptions
        {
            Kinds = [ResultKind.GeoJson, ResultKind.Quality, ResultKind.QualityRegions],
            ExcludeArtefacts = exclude,
        };
        return (await segmenter.SegmentAsync(_folder.File("slide.png"), _folder.File(name), options, progress, stop?.Token ?? TestContext.Current.CancellationToken)).Manifest!;
    }
}
