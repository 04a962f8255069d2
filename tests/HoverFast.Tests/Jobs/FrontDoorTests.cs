using System.IO.Compression;
using System.Text.Json.Nodes;
using HoverFast.Jobs;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Pipeline;
using HoverFast.Tests.Slides;
using Xunit;

namespace HoverFast.Tests.Jobs;

/// <summary>What a program meets first: files, a stream, labels and estimates hold the same nuclei.</summary>
public sealed class FrontDoorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly NucleusModel _model;
    private readonly SlideSegmenter _segmenter;
    private readonly string _picture;

    public FrontDoorTests()
    {
        _model = NucleusModel.Load(DarknessModel.Write(_folder.Path));
        var settings = new SegmentSettings { TileSize = 256, Measurements = MeasurementChoice.Basic };
        _segmenter = new SlideSegmenter(_model, settings, new SlideCalibrator { Stated = new Mpp(0.25) });
        _picture = _folder.File("a.png");
        DarkDiscs.Write(_picture, 1200);
    }

    public void Dispose()
    {
        _segmenter.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task AMissingRegionIsToldByItsName()
    {
        var region = _folder.File("none.geojson");
        using var segmenter = new SlideSegmenter(_model, new SegmentSettings { Region = region }, new SlideCalibrator { Stated = new Mpp(0.25) });
        var error = await Assert.ThrowsAsync<SlideException>(
            () => segmenter.SegmentAsync(_picture, _folder.File("out"), cancellation: TestContext.Current.CancellationToken));
        Assert.Equal((region, "there is no such file."), (error.Path, error.Problem));
    }

    [Fact]
    public async Task AResultWithABackslashInItsNameIsKept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a backslash parts folders there");
        var (picture, output, cancellation) = (_folder.File("a\\b.png"), _folder.File("out"), TestContext.Current.CancellationToken);
        File.Copy(_picture, picture);
        var first = await _segmenter.SegmentAsync(picture, output, cancellation: cancellation);
        Assert.Equal(["a\\b.geojson.gz", "a\\b.labels.png", "a\\b.overlay.png"], first.Manifest!.Outputs.Select(o => o.File));
        Assert.Equal(SlideState.Kept, (await _segmenter.SegmentAsync(picture, output, cancellation: cancellation)).State);
    }

    /// <summary>Files that are asked for one after the other are one result: kept as one, and told once other settings replace it.</summary>
    [Fact]
    public async Task FilesThatAreAskedForLaterJoinTheOthers()
    {
        var (output, cancellation) = (_folder.File("out"), TestContext.Current.CancellationToken);
        ResultOptions Writing(ResultKind kind) => new() { Kinds = [kind] };
        await _segmenter.SegmentAsync(_picture, output, Writing(ResultKind.Csv), cancellation: cancellation);
        var second = await _segmenter.SegmentAsync(_picture, output, Writing(ResultKind.GeoJson), cancellation: cancellation);
        Assert.Equal(["a.geojson.gz", "a.csv"], second.Manifest!.Outputs.Select(o => o.File));
        Assert.Equal(SlideState.Kept, (await _segmenter.SegmentAsync(_picture, output, Writing(ResultKind.Csv), cancellation: cancellation)).State);

        using var other = new SlideSegmenter(
            _model,
            new SegmentSettings { TileSize = 256, Finder = new FinderSettings { MinArea = 30 } },
            new SlideCalibrator { Stated = new Mpp(0.25) });
        var outcome = await other.SegmentAsync(_picture, output, Writing(ResultKind.GeoJson), cancellation: cancellation);
        Assert.Equal(["a.csv"], outcome.LeftBehind);
        Assert.Equal(["a.geojson.gz"], outcome.Manifest!.Outputs.Select(o => o.File));
    }

    /// <summary>Another model or other settings in the same folder: what the new result doesn't write is the old one's, and that is told.</summary>
    [Fact]
    public async Task FilesOfAnEarlierResultOfOtherSettingsAreTold()
    {
        var (output, cancellation) = (_folder.File("out"), TestContext.Current.CancellationToken);
        ResultOptions Writing(params ResultKind[] kinds) => new() { Kinds = kinds };
        await _segmenter.SegmentAsync(_picture, output, Writing(ResultKind.GeoJson, ResultKind.Csv), cancellation: cancellation);

        // The same nuclei in another file: both are right.
        Assert.Empty((await _segmenter.SegmentAsync(_picture, output, Writing(ResultKind.GeoJson), cancellation: cancellation)).LeftBehind);
        await _segmenter.SegmentAsync(_picture, output, Writing(ResultKind.GeoJson, ResultKind.Csv), cancellation: cancellation);

        using var other = new SlideSegmenter(
            _model,
            new SegmentSettings { TileSize = 256, Finder = new FinderSettings { MinArea = 30 } },
            new SlideCalibrator { Stated = new Mpp(0.25) });
        var outcome = await other.SegmentAsync(_picture, output, Writing(ResultKind.GeoJson), cancellation: cancellation);

        Assert.Equal(SlideState.Done, outcome.State);
        Assert.Equal(["a.csv"], outcome.LeftBehind);
        Assert.True(File.Exists(Path.Combine(output, "a.csv")));
    }

    [Fact]
    public async Task TheStreamHoldsTheNucleiOfTheFileInItsOrder()
    {
        var outcome = await _segmenter.SegmentAsync(
            _picture,
            _folder.File("out"),
            new ResultOptions { Kinds = [ResultKind.GeoJson] },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(SlideState.Done, outcome.State);
        var features = Features(_folder.File("out/a.geojson.gz"));
        var streamed = new List<DetectedNucleus>();
        await foreach (var nucleus in _segmenter.FindNucleiAsync(_picture, TestContext.Current.CancellationToken))
        {
            streamed.Add(nucleus);
        }

        Assert.True(features.Count > 100);
        Assert.Equal(features.Select(f => (string)f!["id"]!), streamed.Select(n => n.Id.ToString()));
        for (var i = 0; i < streamed.Count; i++)
        {
            var ring = features[i]!["geometry"]!["coordinates"]![0]!.AsArray();
            Assert.Equal(ring.Take(ring.Count - 1).Select(p => new SlidePoint((double)p![0]!, (double)p[1]!)), streamed[i].Outline);
            Assert.Equal(
                (double)features[i]!["properties"]!["measurements"]!["Nucleus: Area \u00B5m^2"]!,
                streamed[i].Measurements["Nucleus: Area \u00B5m^2"],
                2);
        }
    }

    /// <summary>Outlines end at the picture's edge, which the network's pixels pass; so does what is measured of them.</summary>
    [Fact]
    public async Task NucleiThatTheEdgeCutsAreMeasuredAsTheyAreWritten()
    {
        // The last discs are 22 of 30 pixels wide.
        var cut = _folder.File("cut.png");
        DarkDiscs.Write(cut, 207);
        var atEdge = 0;
        await foreach (var nucleus in _segmenter.FindNucleiAsync(cut, TestContext.Current.CancellationToken))
        {
            var outline = nucleus.Outline;
            var twice = outline.Select((p, i) => (p, next: outline[(i + 1) % outline.Count])).Sum(e => (e.p.X * e.next.Y) - (e.next.X * e.p.Y));
            Assert.Equal(Math.Abs(twice) / 2 * 0.25 * 0.25, nucleus.Measurements["Nucleus: Area \u00B5m^2"], 0.05);
            atEdge += outline.Any(p => p.X == 207 || p.Y == 207) ? 1 : 0;
        }

        Assert.Equal(5, atEdge);
    }

    [Fact]
    public async Task PicturesInTiffAreScoredAndShown()
    {
        Directory.CreateDirectory(_folder.File("tiles/images"));
        Directory.CreateDirectory(_folder.File("tiles/labels"));
        DarkDiscs.Write(_folder.File("small.png"), 240);
        var tiff = new TestTiff();
        tiff.Add(RgbImageFile.Read(_folder.File("small.png")));
        _folder.Write("tiles/images/a.tif", tiff.ToBytes());
        var cancellation = TestContext.Current.CancellationToken;
        LabelImageFile.WritePng(_folder.File("tiles/labels/a.png"), await _segmenter.LabelAsync(_folder.File("small.png"), cancellation));

        var report = await _segmenter.EvaluateAsync(_folder.File("tiles/labels"), _folder.File("tiles/images"), new Mpp(0.25), cancellation);
        Assert.Equal((9, 1), (report.Pooled!.TruthCount, report.PanopticQuality.Mean));
        Assert.Contains("100.0 %", report.ErrorsAsTable, StringComparison.Ordinal);
        Assert.NotEmpty(await ValidationPictures.DrawAsync(_segmenter.LabelAsync, _folder.File("tiles"), "a", cancellation));
    }

    /// <summary>The pixel size that is given counts for the network too, whatever the calibrator knows or a file states.</summary>
    [Fact]
    public async Task PicturesAreScoredAtThePixelSizeThatIsGiven()
    {
        Directory.CreateDirectory(_folder.File("tiles/images"));
        Directory.CreateDirectory(_folder.File("tiles/labels"));
        DarkDiscs.Write(_folder.File("tiles/images/a.png"), 240);
        var cancellation = TestContext.Current.CancellationToken;
        LabelImageFile.WritePng(_folder.File("tiles/labels/a.png"), await _segmenter.LabelAsync(_folder.File("tiles/images/a.png"), cancellation));

        foreach (var calibrator in (SlideCalibrator?[])[null, new() { Stated = new Mpp(1) }])
        {
            using var segmenter = new SlideSegmenter(_model, new SegmentSettings { TileSize = 256 }, calibrator);
            var report = await segmenter.EvaluateAsync(_folder.File("tiles/labels"), _folder.File("tiles/images"), new Mpp(0.25), cancellation);
            Assert.Equal((9, 1), (report.Pooled!.TruthCount, report.PanopticQuality.Mean));
        }
    }

    /// <summary>A user interface's thread that waits runs nothing else meanwhile, no continuation either.</summary>
    [Fact]
    public void NothingWaitsForTheCallersThread()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (counts, input) = (new List<long>(), SlideInputs.Of(_picture));
        var options = new ResultOptions { Kinds = [ResultKind.Parquet] };
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new BusyContext());
            var one = _segmenter.SegmentAsync(input, _folder.File("one"), options, cancellation: cancellation).GetAwaiter().GetResult();
            counts.Add(one.Manifest!.Counts.Nuclei);
            counts.Add(_segmenter.SegmentAllAsync([input], _folder.File("all"), options, cancellation: cancellation)
                .ToBlockingEnumerable(cancellation).Single().Manifest!.Counts.Nuclei);
            counts.Add(_segmenter.LabelAsync(_picture, cancellation).GetAwaiter().GetResult().Labels.Max());
            counts.Add(_segmenter.FindNucleiAsync(_picture, cancellation).ToBlockingEnumerable(cancellation).Count());
            counts.Add(_segmenter.EstimateAsync(_picture, cancellation).GetAwaiter().GetResult().Nuclei);
        }) { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromMinutes(1)));
        Assert.Equal(5, counts.Count);
        Assert.All(counts.Take(4), n => Assert.Equal(counts[0], n));
    }

    public static TheoryData<FinderSettings> ImpossibleFinders =>
    [
        new FinderSettings { ProbabilityThreshold = 50 },
        new FinderSettings { ProbabilityThreshold = double.NaN },
        new FinderSettings { SplitDepth = -0.1 },
        new FinderSettings { BoundaryReach = 0 },
        new FinderSettings { BoundaryReach = int.MaxValue },
        new FinderSettings { MinArea = double.PositiveInfinity },
        new FinderSettings { MinMeanProbability = 70 },
        new FinderSettings { MinMatchProbability = -1 },
        new FinderSettings { OutlineTolerance = double.NaN },
    ];

    [Theory]
    [MemberData(nameof(ImpossibleFinders))]
    public void SettingsOutOfTheirRangeAreRefused(FinderSettings finder) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlideSegmenter(_model, new SegmentSettings { Finder = finder }));

    [Fact]
    public void TilesThatAreTooLargeAndNoFinderAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlideSegmenter(_model, new SegmentSettings { TileSize = SegmentSettings.LargestTileSize + 1 }));
        Assert.Throws<ArgumentNullException>(() => new SlideSegmenter(_model, new SegmentSettings { Finder = null! }));
    }

    public static TheoryData<SegmentSettings> UnknownChoices =>
    [
        new SegmentSettings { Stain = (Stain)99 },
        new SegmentSettings { Weights = (WeightChoice)(-1) },
        new SegmentSettings { Measurements = (MeasurementChoice)99 },
    ];

    [Theory]
    [MemberData(nameof(UnknownChoices))]
    public void ChoicesThatThereAreNotAreRefused(SegmentSettings settings) =>
        Assert.Contains("There is no such", Assert.Throws<ArgumentOutOfRangeException>(() => new SlideSegmenter(_model, settings)).Message, StringComparison.Ordinal);

    public static TheoryData<ResultOptions> UnknownResults =>
    [
        new ResultOptions { Kinds = [ResultKind.Csv, (ResultKind)99] },
        new ResultOptions { OverlayColours = (OverlayColours)99 },
    ];

    [Theory]
    [MemberData(nameof(UnknownResults))]
    public async Task ResultsThatThereAreNotAreRefusedAndLeaveNothing(ResultOptions options)
    {
        var (output, cancellation) = (_folder.File("out"), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _segmenter.SegmentAsync(_picture, output, options, cancellation: cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () =>
            await _segmenter.SegmentAllAsync([SlideInputs.Of(_picture)], output, options, cancellation: cancellation).ToListAsync(cancellation));
        Assert.False(Directory.Exists(output));
    }

    [Theory]
    [InlineData(-1, 1, 0)]
    [InlineData(double.NaN, 1, 0)]
    [InlineData(double.PositiveInfinity, 1, 0)]
    [InlineData(0, 0, 0)]
    [InlineData(0, double.NaN, 0)]
    [InlineData(0, 1, double.NaN)]
    [InlineData(0, 1, 1.01)]
    public async Task OptionsOutOfTheirRangeAreRefusedAndLeaveNothing(double simplify, double width, double refuseBelow)
    {
        var (output, options) = (_folder.File("out"), new ResultOptions { Simplify = simplify, OverlayWidth = width, RefuseBelow = refuseBelow });
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            _segmenter.SegmentAsync(_picture, output, options, cancellation: TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(output));
    }

    [Fact]
    public async Task WhoLeavesTheStreamStopsTheRun()
    {
        var seen = 0;
        await foreach (var nucleus in _segmenter.FindNucleiAsync(_picture, TestContext.Current.CancellationToken))
        {
            Assert.True(nucleus.Area > 0);
            if (++seen == 3)
            {
                break;
            }
        }

        Assert.Equal(3, seen);
    }

    [Fact]
    public async Task AStreamOfAMissingSlideSaysSo() => await Assert.ThrowsAsync<SlideException>(async () =>
    {
        await foreach (var nucleus in _segmenter.FindNucleiAsync(_folder.File("gone.svs"), TestContext.Current.CancellationToken))
        {
            Assert.Fail($"a nucleus of nothing: {nucleus.Id}");
        }
    });

    [Fact]
    public async Task AFinishedResultIsKeptWithItsManifestAndABadSlideStopsNoOther()
    {
        File.WriteAllText(_folder.File("b.png"), "no picture");
        var inputs = SlideInputs.Expand([_folder.File("b.png"), _picture]);
        var first = await All(inputs);
        Assert.Equal([SlideState.Failed, SlideState.Done], first.Select(o => o.State));
        Assert.IsType<SlideException>(first[0].Error);
        var second = await All(inputs);
        Assert.Equal([SlideState.Failed, SlideState.Kept], second.Select(o => o.State));
        Assert.Equal(first[1].Manifest!.Key, second[1].Manifest!.Key);
        Assert.Equal(first[1].Report!.Nuclei, second[1].Manifest!.Counts.Nuclei);
    }

    [Fact]
    public async Task WhatAKilledRunOfOtherSettingsLeftIsClearedAwayBesideAResultThatStands()
    {
        var folder = _folder.File("out");
        var results = new ResultOptions { Kinds = [ResultKind.GeoJson] };
        await _segmenter.SegmentAsync(_picture, folder, results, cancellation: TestContext.Current.CancellationToken);

        // Kept, then made anew.
        foreach (var force in (bool[])[false, true])
        {
            // What is another input's stays.
            foreach (
                var left in (string[])
                    [
                        "a.geojson.gz.partial", "a.csv.partial", "a.labels.tif.partial", "a.ann.dcm.partial", "a.ann.dcm.points-0.partial",
                        "a.ann.dcm.rows-0.partial", "a.journal", "a.b.csv.partial",
                    ])
            {
                await File.WriteAllTextAsync(Path.Combine(folder, left), "half", TestContext.Current.CancellationToken);
            }

            var again = await _segmenter.SegmentAsync(
                _picture, folder, results with { Force = force }, cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(force ? SlideState.Done : SlideState.Kept, again.State);
            Assert.Equal(
                ["a.b.csv.partial", "a.geojson.gz", "a.manifest.json"],
                Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }
    }

    /// <summary>Its tiles would be of two slides, under the name of one.</summary>
    [Fact]
    public async Task ASlideThatIsWrittenOnWhileItIsReadFailsAndLeavesNoTiles()
    {
        var (folder, cancellation) = (_folder.File("out"), TestContext.Current.CancellationToken);
        var (before, after) = (await File.ReadAllBytesAsync(_picture, cancellation), _folder.File("after.png"));
        DarkDiscs.Write(after, 800);
        var other = await File.ReadAllBytesAsync(after, cancellation);
        var error = await Assert.ThrowsAsync<SlideException>(() =>
            _segmenter.SegmentAsync(_picture, folder, progress: _ => File.WriteAllBytes(_picture, other), cancellation: cancellation));
        Assert.Equal($"{_picture}: changed while it was read; run the command again once it is whole.", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        await File.WriteAllBytesAsync(_picture, before, cancellation);
        Assert.Equal(0, (await _segmenter.SegmentAsync(_picture, folder, cancellation: cancellation)).Report!.TilesResumed);
    }

    /// <summary>Stopped twice in a row, the second time before the first tile: what the first run finished is kept.</summary>
    [Fact]
    public async Task ARunThatEndsBeforeItsFirstTileKeepsThoseOfTheOneBefore()
    {
        using var stop = new CancellationTokenSource();
        var folder = _folder.File("out");
        var results = new ResultOptions { Kinds = [ResultKind.GeoJson] };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _segmenter.SegmentAsync(_picture, folder, results, p => CancelAfter(p, 3), stop.Token));
        var journal = await File.ReadAllBytesAsync(Path.Combine(folder, "a.journal"), TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _segmenter.SegmentAsync(_picture, folder, results, cancellation: stop.Token));
        Assert.Equal(journal, await File.ReadAllBytesAsync(Path.Combine(folder, "a.journal"), TestContext.Current.CancellationToken));
        var done = await _segmenter.SegmentAsync(_picture, folder, results, cancellation: TestContext.Current.CancellationToken);
        Assert.True(done.Manifest!.Counts.TilesResumed >= 3);

        // Where there was nothing before, nothing stays.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _segmenter.SegmentAsync(_picture, _folder.File("other"), results, cancellation: stop.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.File("other")));

        void CancelAfter(SlideProgress progress, int tiles)
        {
            if (progress.TilesDone == tiles)
            {
                stop.Cancel();
            }
        }
    }

    [Fact]
    public async Task LabelsAndEstimateCountTheSame()
    {
        var labels = await _segmenter.LabelAsync(_picture, TestContext.Current.CancellationToken);
        var count = labels.Labels.Where(l => l > 0).Distinct().Count();
        var estimate = await _segmenter.EstimateAsync(_picture, TestContext.Current.CancellationToken);
        Assert.InRange(estimate.Nuclei, 0.8 * count, 1.2 * count);
        Assert.Equal(new PixelSize(1200, 1200), labels.Size);
    }

    private async Task<List<SlideOutcome>> All(IReadOnlyList<SlideInput> inputs)
    {
        var outcomes = new List<SlideOutcome>();
        await foreach (var outcome in _segmenter.SegmentAllAsync(inputs, _folder.File("batch"), cancellation: TestContext.Current.CancellationToken))
        {
            outcomes.Add(outcome);
        }

        return outcomes;
    }

    private static JsonArray Features(string path)
    {
        using var plain = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        return JsonNode.Parse(plain)!["features"]!.AsArray();
    }

    /// <summary>Runs nothing that is sent to it.</summary>
    private sealed class BusyContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
