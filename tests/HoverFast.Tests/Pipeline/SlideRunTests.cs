using System.Text;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Pipeline;

public sealed class SlideRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly NucleusModel _model;

    public SlideRunTests() => _model = NucleusModel.Load(DarknessModel.Write(_folder.Path));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task FindsTheNucleiOfAPictureAtTheirPlace()
    {
        var path = Draw("drawn.png", 700, 500);
        var (report, text) = await Segment(path, new SegmentSettings { TileSize = 256 }, "0.5");
        Assert.Equal(24, report.Nuclei);
        Assert.Equal(24, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        // The first disc has its centre at (60, 60) and a radius of 12 pixels of 0.5 um.
        var first = text.Split('\n').Select(l => l.Split(' ')).Single(f => f[0] == "60.5" && f[1] == "60.5");
        Assert.InRange(double.Parse(first[2]), 320, 490);
        Assert.Equal(700 * 500 * 0.25e-6, report.TissueArea, 9);
        Assert.Empty(report.Warnings);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task TheSameForAnyNumberOfThreads(int threads)
    {
        var path = Draw("drawn.png", 2600, 1900);
        var (_, one) = await Segment(path, new SegmentSettings { TileSize = 256, Threads = 1 }, "0.5");
        var (_, many) = await Segment(path, new SegmentSettings { TileSize = 256, Threads = threads }, "0.5");
        Assert.Equal(one, many);
    }

    [Fact]
    public async Task GoesOnAfterAnInterruptionToTheSameResult()
    {
        var path = Draw("drawn.png", 2600, 1900);
        var settings = new SegmentSettings { TileSize = 256, Threads = 2 };
        var (_, whole) = await Segment(path, settings, "0.5");

        var journal = _folder.File("drawn.journal");
        foreach (var stopAfter in (int[])[1, 7, 30])
        {
            using var cancel = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Segment(path, settings, "0.5", journal, p =>
            {
                if (p.TilesDone - p.TilesResumed == stopAfter)
                {
                    cancel.Cancel();
                }
            }, cancel.Token));
            Assert.True(File.Exists(journal));
        }

        var (report, text) = await Segment(path, settings, "0.5", journal);
        Assert.InRange(report.TilesResumed, 38, report.Tiles - 1);
        Assert.Equal(whole, text);
    }

    [Theory]
    [InlineData("CMU-1-Small-Region.svs")]
    [InlineData("../tiles/tcga_tile.png")]
    public async Task NucleiDoNotDependOnTheGrid(string name)
    {
        var path = SharedData.Require("slides", name);
        var reference = Parse((await Segment(path, new SegmentSettings { TileSize = 512 }, Mpp(name))).Text);
        Assert.True(reference.Count > 100);
        foreach (var settings in (SegmentSettings[])[
            new SegmentSettings { TileSize = 512, GridOffset = new PixelSize(72, 200) },
            new SegmentSettings { TileSize = 512, GridOffset = new PixelSize(320, 8) },
            new SegmentSettings { TileSize = 256 },
            new SegmentSettings { TileSize = 2048 }])
        {
            var other = Parse((await Segment(path, settings, Mpp(name))).Text);
            var matched = reference.Count(n =>
                other.Any(o => Math.Abs(o.X - n.X) < 0.3 && Math.Abs(o.Y - n.Y) < 0.3 && Math.Abs(o.Area - n.Area) <= 0.02 * n.Area));
            Assert.InRange(matched, 0.999 * reference.Count, reference.Count);
            Assert.InRange(other.Count, 0.999 * reference.Count, 1.001 * reference.Count);
        }
    }

    [Fact]
    public async Task BlankAndPenMarkedPicturesGiveNothing()
    {
        foreach (var name in (string[])["almost-white-1.png", "no-tissue-green-pen.png"])
        {
            var (report, text) = await Segment(SharedData.Require("tiles", name), new SegmentSettings(), "0.5");
            Assert.True(report.Nuclei == 0, $"{name} {report.TissueArea} {text}");
            Assert.Empty(text);
            Assert.Contains(report.Warnings, w => w.Kind == SlideWarningKind.NoTissue);
        }
    }

    [Fact]
    public async Task WarnsWhereThePixelSizeMustBeWrong()
    {
        var (report, _) = await Segment(Draw("drawn.png", 2600, 1900), new SegmentSettings(), "2");
        Assert.Contains(report.Warnings, w => w.Kind == SlideWarningKind.PixelSize);
    }

    [Fact]
    public async Task WarnsWhereTissueHasHardlyAnyNuclei()
    {
        var path = Draw("drawn.png", 1900, 1900);
        var (report, _) = await Segment(path, new SegmentSettings { Finder = new FinderSettings { MinArea = 900 } }, "0.5");
        Assert.Equal(0, report.Nuclei);
        Assert.Contains(report.Warnings, w => w.Text.Contains("Only 0 nuclei", StringComparison.Ordinal));
        var (usual, _) = await Segment(path, new SegmentSettings(), "0.5");
        Assert.Empty(usual.Warnings);
    }

    [Fact]
    public async Task ANetworkOfOneInputSizeFindsTheSameNuclei()
    {
        var path = Draw("drawn.png", 700, 500);
        var (_, expected) = await Segment(path, new SegmentSettings { TileSize = 256 }, "0.5");
        using var patched = NucleusModel.Load(DarknessModel.Write(_folder.Path, patch: 64));
        var (_, text) = await Segment(path, new SegmentSettings { TileSize = 256 }, "0.5", model: patched);
        var (whole, parts) = (Parse(expected), Parse(text));
        Assert.Equal(24, parts.Count);

        // Sums in another order may change a byte by one.
        Assert.All(parts, n => Assert.Single(whole, w => Math.Abs(w.X - n.X) < 0.2 && Math.Abs(w.Y - n.Y) < 0.2 && Math.Abs(w.Area - n.Area) < 0.01 * w.Area));
    }

    private static string? Mpp(string name) => name.EndsWith(".png", StringComparison.Ordinal) ? "0.25" : null;

    /// <summary>The nuclei that are none of the long clumps which this network can't part: those may be longer than the halo.</summary>
    private static List<(double X, double Y, double Area)> Parse(string text) =>
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(l => l.Split(' '))
                .Select(f => (double.Parse(f[0]), double.Parse(f[1]), double.Parse(f[2])))
                .Where(n => n.Item3 < 1200),
        ];

    private async Task<(SlideReport Report, string Text)> Segment(
        string path,
        SegmentSettings settings,
        string? mpp,
        string? journal = null,
        Action<SlideProgress>? progress = null,
        CancellationToken? cancellation = null,
        NucleusModel? model = null)
    {
        var text = new StringBuilder();
        var calibrator = new SlideCalibrator { Stated = mpp is null ? null : new Mpp(double.Parse(mpp)) };
        using var session = SlideSession.Open(path, model ?? _model, settings with { Measurements = MeasurementChoice.Basic }, calibrator);
        using var kept = journal is null ? null : Journal.Open(journal, session.Key);
        var run = new SlideRun(session, kept);
        await run.RunAsync(
            tile =>
            {
                for (var i = 0; i < tile.Nuclei.Count; i++)
                {
                    var n = tile.Nuclei[i];
                    text.Append($"{n.Centroid.X:0.#} {n.Centroid.Y:0.#} {n.Area:0.##} {string.Join(' ', tile.Measurements[i])}\n");
                }

                return ValueTask.CompletedTask;
            },
            progress,
            cancellation ?? TestContext.Current.CancellationToken);
        return (run.Report(), text.ToString());
    }

    private string Draw(string name, int width, int height)
    {
        var picture = new RgbImage(width, height);
        for (var i = 0; i < width * height; i++)
        {
            (picture.Pixels[3 * i], picture.Pixels[(3 * i) + 1], picture.Pixels[(3 * i) + 2]) = (220, 160, 200);
        }

        for (var cy = 60; cy < height - 20; cy += 110)
        {
            for (var cx = 60; cx < width - 20; cx += 110)
            {
                for (var y = cy - 12; y <= cy + 12; y++)
                {
                    for (var x = cx - 12; x <= cx + 12; x++)
                    {
                        if (((x - cx) * (x - cx)) + ((y - cy) * (y - cy)) <= 144)
                        {
                            var row = picture.Row(y);
                            (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = (80, 50, 130);
                        }
                    }
                }
            }
        }

        var path = _folder.File(name);
        RgbImageFile.WritePng(path, picture);
        return path;
    }
}
