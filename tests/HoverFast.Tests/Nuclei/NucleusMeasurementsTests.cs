using System.Numerics;
using HoverFast.Nuclei;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Tests.Output;
using Xunit;

namespace HoverFast.Tests.Nuclei;

public sealed class NucleusMeasurementsTests
{
    [Fact]
    public void ShapeOfARectangle()
    {
        var shape = OutlineShape.Of([new(1000, 2000), new(1006, 2000), new(1006, 2002), new(1000, 2002)]);
        Assert.Equal(12, shape.Area, 9);
        Assert.Equal(16, shape.Perimeter, 9);

        // The ellipse with the variances 36/12 and 4/12.
        Assert.Equal(4 * Math.Sqrt(3), shape.MajorAxis, 6);
        Assert.Equal(4 * Math.Sqrt(1 / 3.0), shape.MinorAxis, 6);
        Assert.Equal(Math.Sqrt(1 - (1 / 9.0)), shape.Eccentricity, 6);
        Assert.Equal(1, shape.Solidity, 9);
        Assert.Equal(4 * Math.PI * 12 / 256, shape.Circularity, 9);
        Assert.Equal(0, shape.Orientation, 6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(90)]
    [InlineData(135)]
    public void ShapeOfAnEllipse(double degrees)
    {
        var turn = degrees * Math.PI / 180;
        Vector2[] ring = [.. Enumerable.Range(0, 400).Select(i =>
        {
            var (s, c) = Math.SinCos(2 * Math.PI * i / 400);
            var (x, y) = (20 * c, 8 * s);

            // y grows downwards, so counterclockwise as one sees it is minus.
            return new Vector2((float)(50 + (x * Math.Cos(turn)) + (y * Math.Sin(turn))), (float)(60 - (x * Math.Sin(turn)) + (y * Math.Cos(turn))));
        })];
        var shape = OutlineShape.Of(ring);
        Assert.Equal(Math.PI * 160, shape.Area, 0.1);
        Assert.Equal(40, shape.MajorAxis, 0.01);
        Assert.Equal(16, shape.MinorAxis, 0.01);
        Assert.Equal(degrees, shape.Orientation, 0.01);
        Array.Reverse(ring);
        Assert.Equal(shape.MajorAxis, OutlineShape.Of(ring).MajorAxis, 6);
        Assert.Equal(shape.Area, OutlineShape.Of(ring).Area, 6);
    }

    [Fact]
    public void SolidityOfADentedSquare() =>
        Assert.Equal(0.75, OutlineShape.Of([new(0, 0), new(5, 5), new(10, 0), new(10, 10), new(0, 10)]).Solidity, 9);

    [Fact]
    public void PixelsAreThoseWhoseCentreIsInside()
    {
        var random = new Random(5);
        var raster = new OutlineRaster();
        for (var i = 0; i < 300; i++)
        {
            OutlinePoint[] ring =
            [
                .. RandomOutlines.Star(random, random.Next(3, 20), 100 + random.Next(900)).Select(p => new OutlinePoint(p.X + random.Next(200) - 100, p.Y)),
            ];
            var pixels = new HashSet<(int, int)>();
            foreach (var run in raster.Fill(ring))
            {
                for (var x = run.From; x < run.To; x++)
                {
                    Assert.True(pixels.Add((x, run.Y)));
                }
            }

            for (var y = -14; y < 14; y++)
            {
                for (var x = -14; x < 14; x++)
                {
                    Assert.Equal(Inside(ring, (100 * x) + 50, (100 * y) + 50), pixels.Contains((x, y)));
                }
            }
        }
    }

    [Fact]
    public void NeighboursShareNoPixelAndLeaveNoneOut()
    {
        // Squares whose common edge runs through pixel centres.
        var raster = new OutlineRaster();
        var left = raster.Fill([new(50, 50), new(350, 50), new(350, 350), new(50, 350)]).ToArray();
        var right = raster.Fill([new(350, 50), new(650, 50), new(650, 350), new(350, 350)]).ToArray();
        Assert.Equal([new(0, 0, 3), new(1, 0, 3), new(2, 0, 3)], left);
        Assert.Equal([new(0, 3, 6), new(1, 3, 6), new(2, 3, 6)], right);
    }

    [Fact]
    public void StainDensitiesOfPureAndMixedStain()
    {
        // 0.6 of haematoxylin everywhere, and 0.3 of eosin in the left half.
        var picture = new RgbImage(20, 20);
        for (var i = 0; i < 400; i++)
        {
            var eosin = i % 20 < 10 ? 0.3 : 0;
            picture.Pixels[3 * i] = Shade((0.6 * 0.650) + (eosin * 0.072));
            picture.Pixels[(3 * i) + 1] = Shade((0.6 * 0.704) + (eosin * 0.990));
            picture.Pixels[(3 * i) + 2] = Shade((0.6 * 0.286) + (eosin * 0.105));
        }

        var measurements = new NucleusMeasurements(MeasurementChoice.All, Stain.HaematoxylinEosin, new Mpp(0.5));
        var whole = measurements.Measure(picture, Square(0, 0, 20));
        Assert.Equal(0.6, Value(whole, "hematoxylin_od_mean"), 0.01);
        Assert.Equal(0.0, Value(whole, "hematoxylin_od_std"), 0.01);
        Assert.Equal(0.15, Value(whole, "eosin_od_mean"), 0.01);
        Assert.Equal(0.15, Value(whole, "eosin_od_std"), 0.01);
        Assert.Equal(0.3, Value(measurements.Measure(picture, Square(1, 1, 5)), "eosin_od_mean"), 0.01);

        // Half outside of the picture: what is inside counts.
        Assert.Equal(0.3, Value(measurements.Measure(picture, Square(-5, -5, 10)), "eosin_od_mean"), 0.01);

        // Between the centres: no pixel.
        Assert.True(float.IsNaN((float)Value(measurements.Measure(picture, Square(3.6f, 3.6f, 0.5f)), "eosin_od_mean")));

        double Value(float[] row, string column) => row[measurements.Names.Select(n => n.Column).ToList().IndexOf(column)];
        static byte Shade(double density) => (byte)Math.Round(255 * Math.Pow(10, -density));
    }

    [Theory]
    [InlineData(MeasurementChoice.None, 0)]
    [InlineData(MeasurementChoice.Basic, 4)]
    [InlineData(MeasurementChoice.All, 15)]
    public void NamesAndValuesGoTogether(MeasurementChoice choice, int count)
    {
        var measurements = new NucleusMeasurements(choice, Stain.HaematoxylinDab, new Mpp(0.25));
        var values = measurements.Measure(new RgbImage(8, 8), Square(1, 1, 4));
        Assert.Equal(count, values.Length);
        Assert.Equal(count, measurements.Names.Count);
        Assert.Equal(count, measurements.Names.Select(n => n.Column).Distinct().Count());
        if (count > 0)
        {
            Assert.Equal(1, values[0], 6); // 16 px of 0.25 um
        }

        Assert.Equal(choice == MeasurementChoice.All, measurements.Names.Any(n => n.Name == "Nucleus: DAB OD mean"));
    }

    private static bool Inside(OutlinePoint[] ring, int x, int y)
    {
        var inside = false;
        for (int i = 0, j = ring.Length - 1; i < ring.Length; j = i++)
        {
            var (a, b) = (ring[i], ring[j]);
            if ((a.Y <= y) != (b.Y <= y) && (decimal)x >= a.X + ((decimal)(y - a.Y) * (b.X - a.X) / (b.Y - a.Y)))
            {
                inside = !inside;
            }
        }

        return inside;
    }

    private static Nucleus Square(float x, float y, float side) => new([new(x, y), new(x + side, y), new(x + side, y + side), new(x, y + side)])
    {
        Centroid = new(x + (side / 2), y + (side / 2)),
        Area = side * side,
        MeanProbability = 0.8f,
        BoundaryConfidence = 0.4f,
    };
}
