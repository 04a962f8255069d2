using System.Globalization;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Synthetic;
using HoverFast.Tiles;
using Xunit;

namespace HoverFast.Tests.Pipeline;

/// <summary>A tile whose rows are never in memory at once has the nuclei, to the last bit, of one that is.</summary>
public sealed class BandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly NucleusModel _model = NucleusModel.LoadBuiltIn();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(Stain.HaematoxylinEosin, 2048)]
    [InlineData(Stain.HaematoxylinEosin, 800)]
    [InlineData(Stain.HaematoxylinDab, 2048)]
    public async Task HaveTheNucleiOfWholeTiles(Stain stain, int tileSize)
    {
        Assert.SkipUnless(_model.RunsInBands, "no kernel of the integer engine fits this processor");
        var path = _folder.File("drawn.png");
        RgbImageFile.WritePng(path, DrawnTissue.Draw(1000, 2300, new Mpp(0.25), 11).Image);
        var settings = new SegmentSettings { TileSize = tileSize, Stain = stain, Threads = 2 };
        var (inBands, fields) = await Segment(path, settings, whole: false);
        var (whole, fieldsOfWhole) = await Segment(path, settings, whole: true);
        Assert.True(inBands.Count > 150, $"{inBands.Count} nuclei");
        Assert.Equal(whole, inBands);
        Assert.Equal(fieldsOfWhole, fields);
    }

    [Fact]
    public void CoverTheTile()
    {
        var core = new WorkingRect(40, 24, 96, 1000);
        var tile = new Tile(3, core, core.Grow(32), new OwnedArea(double.NegativeInfinity, double.NegativeInfinity, 136, 1024));
        Assert.Same(tile, Assert.Single(tile.InBands(1000, 8)));
        var bands = tile.InBands(300, 8);
        Assert.Equal([256, 256, 256, 232], bands.Select(b => b.Core.Height));
        Assert.Equal((tile.Input.Y, tile.Input.Bottom), (bands[0].Input.Y, bands[^1].Input.Bottom));
        Assert.Equal((tile.Ownership.Top, tile.Ownership.Bottom), (bands[0].Ownership.Top, bands[^1].Ownership.Bottom));
        Assert.All(bands, b => Assert.Equal((3, b.Core.Grow(32)), (b.Index, b.Input)));
        Assert.All(bands, b => Assert.Equal((tile.Ownership.Left, tile.Ownership.Right), (b.Ownership.Left, b.Ownership.Right)));
        Assert.All(bands.Zip(bands.Skip(1)), p => Assert.Equal(
            (p.First.Core.Bottom, p.First.Ownership.Bottom),
            (p.Second.Core.Y, p.Second.Ownership.Top)));
    }

    /// <summary>Who keeps a tile's maps needs it whole.</summary>
    private async Task<(List<string> Nuclei, List<string> Fields)> Segment(string path, SegmentSettings settings, bool whole)
    {
        var nuclei = new List<string>();
        using var session = SlideSession.Open(path, _model, settings, new SlideCalibrator { Stated = new Mpp(0.25) });
        var run = new SlideRun(session, journal: null) { KeepsMaps = whole };
        await run.RunAsync(
            tile =>
            {
                Assert.Equal(whole, tile.Maps is not null);
                for (var i = 0; i < tile.Nuclei.Count; i++)
                {
                    var n = tile.Nuclei[i];
                    float[] numbers = [n.MeanProbability, n.BoundaryConfidence, n.MatchProbability, n.Type, n.TypeProbability, .. tile.Measurements[i]];
                    nuclei.Add(string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', n.Contour)} {n.Area:R} {string.Join(' ', numbers)}"));
                }

                return ValueTask.CompletedTask;
            },
            progress: null,
            TestContext.Current.CancellationToken);
        return (nuclei, [.. run.Fields.Fields.Select(Described)]);
    }

    private static string Described(FieldSums field) => $"{field.Column} {field.Row}: {string.Join(' ', field.Values)} {string.Join(' ', field.Blocks)}";
}
