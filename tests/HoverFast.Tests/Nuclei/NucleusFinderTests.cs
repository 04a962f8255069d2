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
    [InlineData(10f, 0f)]
    [InlineData(0f, 10f)]
    [InlineData(8f, 8f)]
    [InlineData(-9f, 7f)]
    public void SplitsTouchingNuclei(float dx, float dy)
    {
        var nuclei = _finder.Find(DrawnMaps.Of(64, 64, (28f, 28f, 6f, 6f), (28f + dx, 28f + dy, 6f, 6f)));

        Assert.Equal(2, nuclei.Count);
        Assert.All(nuclei, n => Assert.InRange(n.Area, 0.85 * Math.PI * 36, 1.05 * Math.PI * 36));
    }

    [Theory]
    [InlineData(0.3, 2)]
    [InlineData(0.05, 1)]
    public void SplitsWhereTheHvMapsFallEnoughHoweverLowTheyAre(double strength, int expected)
    {
        var maps = DrawnMaps.Of(64, 64, (28f, 28f, 6f, 6f), (38f, 28f, 6f, 6f));
        for (var i = 0; i < maps.Horizontal.Length; i++)
        {
            maps.Horizontal[i] = (sbyte)Math.Round(maps.Horizontal[i] * strength);
            maps.Vertical[i] = (sbyte)Math.Round(maps.Vertical[i] * strength);
        }

        Assert.Equal(expected, _finder.Find(maps).Count);
    }

    [Fact]
    public void SharesATiedStripEvenly()
    {
        var nuclei = _finder.Find(DrawnMaps.Of(64, 64, (28f, 28f, 6f, 6f), (38f, 28f, 6f, 6f)));

        Assert.Equal(nuclei[0].Area, nuclei[1].Area, 0.01);
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
        var ellipses = Enumerable
            .Range(0, 40)
            .Select(_ => (20f + (200 * random.NextSingle()), 20f + (200 * random.NextSingle()), 4f + (6 * random.NextSingle()), 4f + (6 * random.NextSingle())))
            .ToArray();
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

    [Theory]
    [InlineData(300, 200)]
    [InlineData(128, 64)]
    [InlineData(63, 41)]
    [InlineData(65, 3)]
    public void TheVectorUnitChangesNothing(int width, int height)
    {
        var noise = Noise(width, height, 5);
        var area = MapArea.All(noise);
        var (fast, plain) = (new BitPlane(), new BitPlane());
        fast.Threshold(noise, area, 128, vectors: true);
        plain.Threshold(noise, area, 128, vectors: false);
        var (fastElevation, plainElevation) = (new byte[width * height], new byte[width * height]);
        Elevation.Compute(noise, area, fast, 2, fastElevation, vectors: true);
        Elevation.Compute(noise, area, plain, 2, plainElevation, vectors: false);
        var pixels = 0;
        for (var y = 0; y < height; y++)
        {
            Assert.Equal(plain.Row(y).ToArray(), fast.Row(y).ToArray());
            for (var x = 0; x < width; x++)
            {
                if (noise.Probability[(y * width) + x] >= 128)
                {
                    Assert.Equal(plainElevation[(y * width) + x], fastElevation[(y * width) + x]);
                    pixels++;
                }
            }
        }

        Assert.InRange(pixels, width * height / 10, width * height);
    }

    [Fact]
    public void APartOfTheMapsIsLikeMapsOfItsOwn()
    {
        var whole = Noise(250, 180, 6);
        var area = new MapArea(37, 21, 160, 120);
        var part = new NucleusMaps(area.Width, area.Height);
        for (var y = 0; y < area.Height; y++)
        {
            whole.Probability.AsSpan(area.At(whole, 0, y), area.Width).CopyTo(part.Probability.AsSpan(y * area.Width));
            whole.Horizontal.AsSpan(area.At(whole, 0, y), area.Width).CopyTo(part.Horizontal.AsSpan(y * area.Width));
            whole.Vertical.AsSpan(area.At(whole, 0, y), area.Width).CopyTo(part.Vertical.AsSpan(y * area.Width));
        }

        var expected = _finder.Find(part);
        Assert.True(expected.Count > 20);
        AssertSame(expected, new NucleusFinder(_mpp, new FinderSettings { OutlineTolerance = 0 }) { Vectors = false }.Find(whole, area));
    }

    private static void AssertSame(List<Nucleus> expected, List<Nucleus> found)
    {
        Assert.Equal(
            expected.Select(n => (n.Centroid, n.Area, n.MeanProbability, n.BoundaryConfidence)),
            found.Select(n => (n.Centroid, n.Area, n.MeanProbability, n.BoundaryConfidence)));
        Assert.Equal(expected.Select(n => n.Contour), found.Select(n => n.Contour));
    }

    /// <summary>Maps without sense: blobs of all shapes that touch each other, and HV maps over their whole range.</summary>
    private static NucleusMaps Noise(int width, int height, int seed)
    {
        var random = new Random(seed);
        const int Cell = 8;
        var coarse = Enumerable.Range(0, ((width / Cell) + 2) * ((height / Cell) + 2)).Select(_ => random.Next(-60, 290)).ToArray();
        var maps = new NucleusMaps(width, height);
        for (var i = 0; i < width * height; i++)
        {
            var (y, x) = Math.DivRem(i, width);
            maps.Probability[i] = (byte)Math.Clamp(coarse[(y / Cell * ((width / Cell) + 2)) + (x / Cell)] + random.Next(-8, 9), 0, 255);
            maps.Horizontal[i] = (sbyte)random.Next(x % 5 == 0 ? -127 : -40, x % 7 == 0 ? 128 : 40);
            maps.Vertical[i] = (sbyte)random.Next(y % 5 == 0 ? -127 : -40, y % 3 == 0 ? 128 : 40);
        }

        return maps;
    }
}
