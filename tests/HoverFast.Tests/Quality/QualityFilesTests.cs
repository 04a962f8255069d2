using System.Text.Json;
using HoverFast.Jobs;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tests.Guards;
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

    private async Task<Manifest> Segment(string name, int threads, ResultOptions? options = null)
    {
        using var segmenter = new SlideSegmenter(
            settings: new SegmentSettings { Threads = threads },
            calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        return (
            await segmenter.SegmentAsync(
                LabelledTiles.Image("tnbc", "09_4"),
                _folder.File(name),
                options ?? _options,
                cancellation: TestContext.Current.CancellationToken)
        ).Manifest!;
    }
}
