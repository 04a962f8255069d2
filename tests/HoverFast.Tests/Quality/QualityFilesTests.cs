using System.Text.Json;
using HoverFast.Jobs;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tests.Guards;
using HoverFast.Tests.Slides;
using Xunit;

namespace HoverFast.Tests.Quality;

public sealed class QualityFilesTests : IDisposable
{
    private static readonly ResultOptions _options = new()
    {
        Kinds = [ResultKind.GeoJson, ResultKind.Quality, ResultKind.QualityMap, ResultKind.QualityRegions],
    };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ThreadsDoNotChangeAByte()
    {
        var one = await Segment("one", 1);
        await Segment("three", 3);
        foreach (var ending in (string[])[".quality.json", ".quality.png", ".quality.geojson", ".geojson.gz"])
        {
            Assert.Equal(File.ReadAllBytes(_folder.File("one/09_4" + ending)), File.ReadAllBytes(_folder.File("three/09_4" + ending)));
        }

        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder.File("one/09_4.quality.json")));
        var fields = json.RootElement.GetProperty("fields").EnumerateArray().ToList();
        Assert.NotEmpty(fields);
        Assert.Equal(one.Counts.Nuclei, fields.Sum(f => f.GetProperty("nuclei").GetInt64()));
        Assert.Equal(one.Quality!.ExpectedPq, json.RootElement.GetProperty("slide").GetProperty("expectedPq").GetDouble());
        Assert.InRange(one.Quality.ExpectedPq!.Value, one.Quality.ExpectedPqLow!.Value, one.Quality.ExpectedPqHigh!.Value);
        Assert.Contains(one.Quality.Advice, (string[])["trust", "look", "adapt", "refuse"]);
    }

    [Fact]
    public async Task WhatIsExpectedToBeWorseThanAskedForIsRefused()
    {
        var refused = await Assert.ThrowsAsync<SlideException>(() => Segment("out", 2, _options with { RefuseBelow = 1 }));
        Assert.Contains("refused", refused.Message, StringComparison.Ordinal);
        Assert.Equal(
            ["09_4.journal"],
            Directory.GetFiles(_folder.File("out")).Select(Path.GetFileName).Where(f => f?.EndsWith(".lock", StringComparison.Ordinal) == false));
        Assert.NotNull((await Segment("out", 2, _options with { RefuseBelow = 0.01 })).Quality);
        await Assert.ThrowsAsync<SlideException>(() => Segment("out", 2, _options with { RefuseBelow = 1 }));
    }

    /// <summary>Two by two fields; in one lies a speck of 20 um. The pictures of the set are compressed themselves, but not strongly.</summary>
    [Fact]
    public async Task DustIsAnArtefactOfItsFieldAndCompressionAWordOfTheSlide()
    {
        var picture = DamagedTissue.Draw(2, 2);
        DamagedTissue.Speck(picture, 1500, 500, 40);
        RgbImageFile.WritePng(_folder.File("speck.png"), picture);
        var manifest = await Segment("dust", 2, picture: _folder.File("speck.png"));
        Assert.InRange(manifest.Quality!.Blocking!.Value, 0, 1);
        Assert.DoesNotContain(manifest.Quality.Differences, d => d.Contains("compressed", StringComparison.Ordinal));
        using (var json = JsonDocument.Parse(File.ReadAllBytes(_folder.File("dust/speck.quality.json"))))
        {
            Assert.Equal(manifest.Quality.Blocking, json.RootElement.GetProperty("slide").GetProperty("blocking").GetDouble());
            Assert.Equal(
                [(1024.0, 0.0)],
                json.RootElement.GetProperty("fields").EnumerateArray()
                    .Where(f => f.GetProperty("artefacts").EnumerateArray().Any(a => a.GetString() == "dust"))
                    .Select(f => (f.GetProperty("x").GetDouble(), f.GetProperty("y").GetDouble())));
        }

        var left = await Segment("left", 1, new ResultOptions { Kinds = [ResultKind.QualityRegions], ExcludeArtefacts = true }, _folder.File("speck.png"));
        Assert.Equal(1, left.LeftOut!.Reasons["dust"]);
        Assert.Contains("dust", File.ReadAllText(_folder.File("left/speck.quality.geojson")), StringComparison.Ordinal);

        File.WriteAllBytes(_folder.File("strong.jpg"), JpegBlockingTests.Jpeg(picture, 8));
        var strong = await Segment("strong", 2, picture: _folder.File("strong.jpg"));
        await Segment("again", 1, picture: _folder.File("strong.jpg"));
        Assert.True(strong.Quality!.Blocking > 3.2);
        Assert.NotEqual("trust", strong.Quality.Advice);
        Assert.Contains(strong.Quality.Differences, d => d.StartsWith("strongly compressed", StringComparison.Ordinal));
        Assert.Contains(strong.Warnings, w => w.Contains("strongly compressed", StringComparison.Ordinal));
        Assert.Equal(File.ReadAllBytes(_folder.File("strong/strong.quality.json")), File.ReadAllBytes(_folder.File("again/strong.quality.json")));
    }

    /// <summary>The picture ends within the right and the lower fields.</summary>
    [Fact]
    public async Task RegionsEndWithThePicture()
    {
        var picture = DamagedTissue.Draw(2, 2);
        DamagedTissue.Speck(picture, 1500, 500, 40);
        RgbImageFile.WritePng(_folder.File("cut.png"), TestPicture.Crop(picture, new PixelRect(0, 0, 1600, 900)));
        await Segment("cut", 2, new ResultOptions { Kinds = [ResultKind.QualityRegions] }, _folder.File("cut.png"));
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder.File("cut/cut.quality.geojson")));
        var region = Assert.Single(
            json.RootElement.GetProperty("features").EnumerateArray(),
            f => f.GetProperty("properties").GetProperty("name").GetString()!.Contains("dust", StringComparison.Ordinal));
        Assert.Equal(
            [(1024, 0), (1600, 0), (1600, 900), (1024, 900), (1024, 0)],
            region.GetProperty("geometry").GetProperty("coordinates")[0].EnumerateArray().Select(p => (p[0].GetDouble(), p[1].GetDouble())));
    }

    private async Task<Manifest> Segment(string name, int threads, ResultOptions? options = null, string? picture = null)
    {
        using var segmenter = new SlideSegmenter(
            settings: new SegmentSettings { Threads = threads },
            calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        return (
            await segmenter.SegmentAsync(
                picture ?? LabelledTiles.Image("tnbc", "09_4"),
                _folder.File(name),
                options ?? _options,
                cancellation: TestContext.Current.CancellationToken)
        ).Manifest!;
    }
}
