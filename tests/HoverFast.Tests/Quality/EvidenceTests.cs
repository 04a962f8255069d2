using System.Numerics;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Quality;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Quality;

public sealed class EvidenceTests
{
    private static readonly Mpp _mpp = new(0.5);

    [Fact]
    public void ADiscPointsOutwardsAndHasTheContrastThatWasDrawn()
    {
        var (maps, picture) = Draw(40, 40, [(20.5f, 20.5f, 8)]);
        var row = Gather(maps, picture).Rows[0];
        Assert.InRange(row[NucleusEvidence.Outward], 0.7, 1.05);
        Assert.InRange(row[NucleusEvidence.OutwardSpread], 0, 0.15);
        Assert.InRange(row[NucleusEvidence.Circularity], 0.75, 1);
        Assert.Equal(1, row[NucleusEvidence.AxisRatio], 0.05);
        Assert.Equal(Math.Log10(200.0 / 50), row[NucleusEvidence.Contrast], 0.01);
        Assert.Equal(0, row[NucleusEvidence.Halo], 0.01);
        Assert.Equal(1, row[NucleusEvidence.Core], 0.01);
        Assert.Equal(0, row[NucleusEvidence.Neighbours]);
        Assert.Equal(0, row[NucleusEvidence.LocalArea], 9);
    }

    [Fact]
    public void ANucleusHasTheSameEvidenceWhereverItsTileBegins()
    {
        List<(float X, float Y, float Radius)> discs = [(60.5f, 62.5f, 7), (84.5f, 70.5f, 6), (70.5f, 88.5f, 5), (120.5f, 64.5f, 7)];
        var (maps, picture) = Draw(180, 180, discs);
        var here = Gather(maps, picture);
        var (moved, other) = Draw(180, 180, discs.ConvertAll(d => (d.X + 13, d.Y + 22, d.Radius)));
        var there = Gather(moved, other);
        Assert.Equal(4, here.Nuclei.Count);
        Assert.Equal(here.Rows, there.Rows);
        Assert.Equal(Math.Log(3), here.Rows[0][NucleusEvidence.Neighbours], 9);
        Assert.Equal(0, here.Rows[1][NucleusEvidence.Neighbours], 9);
    }

    [Fact]
    public void NucleiThatAreNotWantedCountAsNeighboursAllTheSame()
    {
        var (maps, picture) = Draw(180, 180, [(60.5f, 62.5f, 7), (84.5f, 70.5f, 6), (70.5f, 88.5f, 5), (120.5f, 64.5f, 7)]);
        var all = Gather(maps, picture);
        var rows = new double[all.Nuclei.Count * NucleusEvidence.Count];
        bool[] wanted = [true, false, true, false];
        new EvidenceGatherer(_mpp).Gather(all.Nuclei, wanted, maps, MapArea.All(maps), picture, 1, 0, rows);
        var some = rows.Chunk(NucleusEvidence.Count).ToList();
        Assert.Equal(all.Rows[0], some[0]);
        Assert.Equal(all.Rows[2], some[2]);
        Assert.NotEqual(all.Rows[1], some[1]);
    }

    [Fact]
    public void NeighboursAreThoseInReach()
    {
        var random = new Random(3);
        List<Nucleus> nuclei = [.. Enumerable.Range(0, 300).Select(_ => At((random.NextSingle() * 200) - 50, random.NextSingle() * 200))];
        var grid = new NeighbourGrid();
        grid.Fill([At(0, 0)], 20);
        grid.Fill(nuclei, 20);
        for (var i = 0; i < nuclei.Count; i++)
        {
            Assert.Equal(
                Enumerable.Range(0, nuclei.Count).Where(j => j == i || (nuclei[j].Centroid - nuclei[i].Centroid).LengthSquared() <= 400),
                grid.Near(i));
        }
    }

    private static Nucleus At(float x, float y) =>
        new([new(x, y), new(x + 1, y), new(x, y + 1)])
        {
            Centroid = new(x, y),
            Area = 1,
            MeanProbability = 1,
            BoundaryConfidence = 1,
        };

    private static (List<Nucleus> Nuclei, List<double[]> Rows) Gather(NucleusMaps maps, RgbImage picture)
    {
        var nuclei = new NucleusFinder(_mpp).Find(maps);
        var rows = new double[nuclei.Count * NucleusEvidence.Count];
        bool[] all = [.. nuclei.Select(_ => true)];
        new EvidenceGatherer(_mpp).Gather(nuclei, all, maps, MapArea.All(maps), picture, 1, 0, rows);
        return (nuclei, [.. rows.Chunk(NucleusEvidence.Count)]);
    }

    /// <summary>Discs of value 50 on 200, with the maps that a perfect network gives.</summary>
    private static (NucleusMaps Maps, RgbImage Picture) Draw(int width, int height, List<(float X, float Y, float Radius)> discs)
    {
        var maps = new NucleusMaps(width, height);
        var picture = new RgbImage(width, height);
        picture.Span.Fill(200);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                foreach (var disc in discs)
                {
                    var offset = new Vector2(x + 0.5f - disc.X, y + 0.5f - disc.Y) / disc.Radius;
                    if (offset.LengthSquared() <= 1)
                    {
                        var at = (y * width) + x;
                        maps.Probability[at] = 255;
                        maps.Horizontal[at] = (sbyte)(offset.X * NucleusMaps.HvScale);
                        maps.Vertical[at] = (sbyte)(offset.Y * NucleusMaps.HvScale);
                        picture.Row(y).Slice(3 * x, 3).Fill(50);
                    }
                }
            }
        }

        return (maps, picture);
    }
}
