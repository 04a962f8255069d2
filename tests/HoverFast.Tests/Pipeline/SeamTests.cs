using System.Globalization;
using System.Numerics;
using HoverFast.Evaluation;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Synthetic;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Pipeline;

/// <summary>
/// Nuclei don't depend on where the tiles' borders lie: any offset of the grid and any tile size give the same ones, none doubled, none cut.
/// Other grids: HOVERFAST_SEAM_SEED=7 HOVERFAST_SEAM_GRIDS=20.
/// </summary>
public sealed class SeamTests : IDisposable
{
    private const double LeastMatched = 0.999;
    private readonly TemporaryFolder _folder = new();
    private readonly NucleusModel _model = NucleusModel.LoadBuiltIn();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("slides/CMU-1-Small-Region.svs", 1900)]
    [InlineData("tiles/tcga_tile.png", 100)]
    public Task DoNotShowOnRealTissue(string name, int leastNuclei) => Check(SharedData.Require(name.Split('/')), leastNuclei);

    [Fact]
    public Task DoNotShowOnDrawnTissue()
    {
        var path = _folder.File("drawn.png");
        RgbImageFile.WritePng(path, DrawnTissue.Draw(2000, 1600, new Mpp(0.25), 11).Image);
        return Check(path, 300);
    }

    /// <summary>Dense tissue of several patients, mirrored: nuclei lie exactly on seams.</summary>
    [Theory]
    [InlineData("data/unlabelled/brca", 2800)]
    [InlineData("data/nuinsseg/val/images", 150)]
    public Task DoNotShowOnASlideOfManyTissues(string folder, int leastNuclei)
    {
        var path = _folder.File("slide.svs");
        SyntheticSlide.Write(
            path,
            new SyntheticSlideOptions
            {
                Size = new PixelSize(3200, 3200),
                Mpp = new Mpp(0.25),
                TissueFraction = 0.95,
                RealTiles = SharedData.Require(folder.Split('/')),
                Seed = 2,
            });
        return Check(path, leastNuclei);
    }

    /// <summary>The same on the labelled tiles in the repository.</summary>
    [Fact]
    public Task DoNotShowOnTheTissueInTheRepository()
    {
        var path = _folder.File("slide.svs");
        SyntheticSlide.Write(
            path,
            new SyntheticSlideOptions
            {
                Size = new PixelSize(2400, 2400),
                Mpp = new Mpp(0.25),
                TissueFraction = 0.95,
                RealTiles = Path.Combine(LabelledTiles.Folder("tnbc"), "images"),
                Seed = 2,
            });
        return Check(path, 900);
    }

    private static int FromEnvironment(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : fallback;

    private async Task Check(string path, int leastNuclei)
    {
        var random = new Random(FromEnvironment("HOVERFAST_SEAM_SEED", 1));
        var grids = FromEnvironment("HOVERFAST_SEAM_GRIDS", 3);
        var reference = await Outlines(path, new SegmentSettings());
        Assert.True(reference.Count >= leastNuclei, $"only {reference.Count} nuclei: too few to test on");
        var (matched, most) = (0, 0);
        for (var i = 0; i < grids; i++)
        {
            var settings = new SegmentSettings { TileSize = random.Next(256, 1600), GridOffset = new PixelSize(random.Next(1000), random.Next(1000)) };
            var agreement = OutlineAgreement.Of(reference, await Outlines(path, settings));
            var where = $"{Path.GetFileName(path)}, tiles of {settings.TileSize} shifted by {settings.GridOffset.Width}, {settings.GridOffset.Height}";
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{where}: {agreement.Matched} of {agreement.First} and {agreement.Second} matched, {agreement.Doubled.Count} doubled {string.Join("; ", agreement.Rest)} {string.Join("; ", agreement.Doubled)}");
            Assert.Empty(agreement.Doubled);
            matched += agreement.Matched;
            most += Math.Max(agreement.First, agreement.Second);
        }

        Assert.InRange((double)matched / most, LeastMatched, 1);
    }

    private async Task<List<Vector2[]>> Outlines(string path, SegmentSettings settings)
    {
        var outlines = new List<Vector2[]>();
        var calibrator = new SlideCalibrator { Stated = path.EndsWith(".png", StringComparison.Ordinal) ? new Mpp(0.25) : null };
        using var session = SlideSession.Open(path, _model, settings, calibrator);
        await new SlideRun(session, journal: null).RunAsync(
            tile =>
            {
                outlines.AddRange(tile.Nuclei.Select(n => n.Contour));
                return ValueTask.CompletedTask;
            },
            progress: null,
            TestContext.Current.CancellationToken);
        return outlines;
    }
}
