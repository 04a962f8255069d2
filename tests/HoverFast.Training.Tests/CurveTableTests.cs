using HoverFast.Training.Adaptation;
using Xunit;

namespace HoverFast.Training.Tests;

public sealed class CurveTableTests
{
    /// <summary>Points as a run measures them: the table and the picture are whole after each model, wherever the run is stopped.</summary>
    [Fact]
    public void ARunThatWasStoppedHasTableAndPicture()
    {
        using var folder = new TemporaryFolder();
        Assert.Empty(CurveTable.Read(folder.Path));
        List<CurvePoint> points = [];
        byte[] before = [];
        foreach (var (tissue, other, way, tiles, pq) in ((string, string, string, int, double)[])
            [("heart", "lung", "start", 0, 0.5), ("lung", "heart", "start", 0, 0.6), ("heart", "lung", "adapt", 10, 0.58)])
        {
            points.Add(new CurvePoint(tissue, way, tiles, 1, way == "start" ? 0 : 1, tissue, pq, 0.8));
            points.Add(new CurvePoint(tissue, way, tiles, 1, way == "start" ? 0 : 1, other, way == "start" ? Math.Round(1.1 - pq, 5) : 0.595, 0.8));
            CurveTable.Write(points, folder.Path);

            Assert.Equal(points, CurveTable.Read(folder.Path));
            var picture = File.ReadAllBytes(Path.Combine(folder.Path, "curve.png"));
            Assert.NotEqual(before, picture);
            before = picture;
        }

        var table = File.ReadAllLines(Path.Combine(folder.Path, "curve.md"));
        Assert.Contains("| heart | tiles | seeds | own PQ | gain | lung |", table);
        Assert.Contains("| start | 0 | 1 | 0.500 |  | 0.600 |", table);
        Assert.Contains("| adapt | 10 | 1 | 0.580 | +0.080 | -0.005 |", table);
        Assert.Contains("| start | 0 | 1 | 0.600 |  | 0.500 |", table);
        Assert.Equal(["curve.csv", "curve.md", "curve.png"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        // Two tissues, own PQ above and the loss elsewhere below.
        var drawn = Slides.RgbImageFile.Read(Path.Combine(folder.Path, "curve.png"));
        Assert.Equal((840, 760), (drawn.Width, drawn.Height));
    }
}
