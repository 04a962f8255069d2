using System.Numerics;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Nuclei;

public sealed class NucleusFinderTests
{
    private static readonly Mpp _mpp = new(0.5);
    private readonly NucleusFinder _finder = new(_mpp, new FinderSettings { OutlineTolerance = 0 });

    [Fact]
    public void FindsNothingInEmptyMaps() => Assert.Empty(_finder.Find(new NucleusMaps(64, 48)));

    [Theory]
    [InlineData(30.0f, 30.0f, 6f, 6f)]
    [InlineData(30.3f, 25.7f, 9.4f, 5.2f)]
    [InlineData(20.8f, 33.1f, 4.1f, 12f)]
    public void OutlinesAnEllipseWithSubPixelAccuracy(float x, float y, float rx, float ry)
    {
        var nucleus = Assert.Single(_finder.Find(DrawnMaps.Of(64, 64, (x, y, rx, ry))));

        Assert.InRange(nucleus.Area / (Math.PI * rx * ry), 0.97, 1.03);
        Assert.True(Vector2.Distance(nucleus.Centroid, new Vector2(x, y)) < 0.1f, $"centroid {nucleus.Centroid}");
        Assert.All(nucleus.Contour, p => Assert.InRange(new Vector2((p.X - x) / rx, (p.Y - y) / ry).Length(), 0.93f, 1.07f));
        Assert.InRange(nucleus.MeanProbability, 0.85f, 1f);
    }

    [Theory]
    [InlineData(11f, 0f)]
    [InlineData(0f, 11f)]
    [InlineData(8f, 8f)]
    [InlineData(-9f, 7f)]
    public void SplitsTouchingNuclei(float dx, float dy)
    {
        var nuclei = _finder.Find(DrawnMaps.Of(64, 64, (28f, 28f, 6f, 6f), (28f + dx, 28f + dy, 6f, 6f)));

        Assert.Equal(2, nuclei.Count);
        Assert.All(nuclei, n => Assert.InRange(n.Area, 0.85 * Math.PI * 36, 1.05 * Math.PI * 36));
    }

    [Fact]
    public void KeepsALongNucleusWhole() => Assert.Single(_finder.Find(DrawnMaps.Of(128, 64, (60f, 30f, 45f, 4f))));

    [Fact]
    public void FillsHoles()
    {
        var maps = DrawnMaps.Of(64, 64, (32f, 32f, 10f, 10f));
        maps.Probability[(32 * 64) + 36] = 0;

        var nucleus = Assert.Single(_finder.Find(maps));

        Assert.InRange(nucleus.Area / (Math.PI * 100), 0.97, 1.03);
    }

    [Fact]
    public void DropsWhatIsTooSmallOrTooFaint()
    {
        var small = DrawnMaps.Of(64, 64, (32f, 32f, 2f, 2f));
        var faint = DrawnMaps.Of(64, 64, (32f, 32f, 8f, 8f));
        for (var i = 0; i < faint.Probability.Length; i++)
        {
            faint.Probability[i] = (byte)(faint.Probability[i] * 0.55);
        }

        Assert.Empty(_finder.Find(small));
        Assert.Empty(_finder.Find(faint));
    }

    [Fact]
    public void CutsOffNothingAtTheBorderOfTheMaps()
    {
        var nucleus = Assert.Single(_finder.Find(DrawnMaps.Of(32, 32, (0f, 16f, 8f, 8f))));

        Assert.InRange(nucleus.Area, 0.9 * Math.PI * 32, 1.02 * Math.PI * 32);
    }

    [Fact]
    public void GivesTheSameNucleiWhereverTheyLieInATile()
    {
        var random = new Random(3);
        var ellipses = Enumerable.Range(0, 40).Select(_ => (20f + (200 * random.NextSingle()), 20f + (200 * random.NextSingle()), 4f + (6 * random.NextSingle()), 4f + (6 * random.NextSingle()))).ToArray();
        var whole = DrawnMaps.Of(256, 256, ellipses);
        var (dx, dy) = (13, 29);
        var shifted = new NucleusMaps(256 - dx, 256 - dy);
        for (var y = 0; y < shifted.Height; y++)
        {
            whole.Probability.AsSpan(((y + dy) * 256) + dx, shifted.Width).CopyTo(shifted.Probability.AsSpan(y * shifted.Width));
            whole.Horizontal.AsSpan(((y + dy) * 256) + dx, shifted.Width).CopyTo(shifted.Horizontal.AsSpan(y * shifted.Width));
            whole.Vertical.AsSpan(((y + dy) * 256) + dx, shifted.Width).CopyTo(shifted.Vertical.AsSpan(y * shifted.Width));
        }

        var expected = _finder.Find(whole).Where(n => n.Contour.All(p => p.X > dx + 4 && p.Y > dy + 4)).ToList();
        var found = new NucleusFinder(_mpp, new FinderSettings { OutlineTolerance = 0 }).Find(shifted);

        Assert.NotEmpty(expected);
        foreach (var nucleus in expected)
        {
            Assert.Contains(found, f => Vector2.Distance(f.Centroid + new Vector2(dx, dy), nucleus.Centroid) < 0.01f && Math.Abs(f.Area - nucleus.Area) < 0.1);
        }
    }

    [Fact]
    public void AFinderGivesTheSameAfterAnotherTile()
    {
        var maps = DrawnMaps.Of(64, 64, (28f, 28f, 6f, 6f), (38f, 30f, 6f, 6f));
        var first = _finder.Find(maps).Select(n => (n.Centroid, n.Area)).ToList();
        _finder.Find(DrawnMaps.Of(80, 96, (40f, 40f, 12f, 7f), (20f, 60f, 5f, 5f), (28f, 60f, 5f, 5f)));

        Assert.Equal(first, _finder.Find(maps).Select(n => (n.Centroid, n.Area)));
    }
}
