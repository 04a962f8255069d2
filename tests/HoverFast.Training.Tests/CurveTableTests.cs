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

    /// <summary>A curve takes hours: what it can't measure is said before it begins.</summary>
    [Fact]
    public void OneTileIsForNaiveAlone()
    {
        using var folder = new TemporaryFolder();
        CurveConfiguration Read(string counts, string ways)
        {
            var path = Path.Combine(folder.Path, "curve.json");
            File.WriteAllText(path, $$"""{ "tissues": [], "counts": {{counts}}, "ways": {{ways}} }""");
            return CurveConfiguration.Read(path);
        }

        Assert.Contains("at least two tiles", Assert.Throws<TrainingException>(() => Read("[2, 1]", """["naive", "adapt"]""")).Message, StringComparison.Ordinal);
        Assert.Contains("at least two tiles", Assert.Throws<TrainingException>(() => Read("[-2]", """["naive"]""")).Message, StringComparison.Ordinal);
        Assert.Contains("$.ways[0] is null", Assert.Throws<TrainingException>(() => Read("[0]", "[null]")).Message, StringComparison.Ordinal);
        Assert.Throws<TrainingException>(() => Read("null", """["naive"]"""));
        Assert.Equal([0, 1], Read("[0, 1]", """["naive"]""").Counts);
        Assert.Equal([2, 5], Read("[2, 5]", """["adapt", "unlabelled"]""").Counts);
    }

    /// <summary>Three seeds: means, and half their range after them; bars in the picture. One seed says nothing of chance: no bar.</summary>
    [Fact]
    public void SeveralSeedsAreGivenWithTheirRange()
    {
        using var folder = new TemporaryFolder();
        List<CurvePoint> points = [Of("start", 0, 1, "heart", 0.5), Of("start", 0, 1, "lung", 0.6)];
        (string, int, double[])[] all =
            [("naive", 5, [0.6, 0.58, 0.62]), ("adapt", 5, [0.55, 0.59, 0.57]), ("unlabelled", 5, [0.56, 0.6, 0.61]), ("adapt", 10, [0.6])];
        foreach (var (way, tiles, values) in all)
        {
            points.AddRange(values.Select((pq, i) => Of(way, tiles, i + 1, "heart", pq)));
            points.AddRange(values.Select((pq, i) => Of(way, tiles, i + 1, "lung", 0.6 - (way == "naive" ? 0.1 * (i + 1) : 0))));
        }

        CurveTable.Write(points, folder.Path);

        Assert.Equal(points, CurveTable.Read(folder.Path));
        Assert.Equal(
            [
                "| start | 0 | 1 | 0.500 |  | 0.600 |",
                "| adapt | 5 | 3 | 0.570 ± 0.020 | +0.070 ± 0.020 | 0.000 ± 0.000 |",
                "| naive | 5 | 3 | 0.600 ± 0.020 | +0.100 ± 0.020 | -0.200 ± 0.100 |",
                "| unlabelled | 5 | 3 | 0.590 ± 0.025 | +0.090 ± 0.025 | 0.000 ± 0.000 |",
                "| adapt | 10 | 1 | 0.600 | +0.100 | 0.000 |",
            ],
            File.ReadAllLines(Path.Combine(folder.Path, "curve.md")).Skip(2).Where(l => l.Length > 0));

        // Upright bars; the same means from one seed each have none.
        Assert.InRange(LongestUpright(), 60, 300);
        CurveTable.Write([.. points.GroupBy(p => (p.Way, p.Tiles, p.Set)).Select(g => g.First() with { Pq = g.Average(p => p.Pq) })], folder.Path);
        Assert.InRange(LongestUpright(), 1, 30);

        static CurvePoint Of(string way, int tiles, int seed, string set, double pq) => new("heart", way, tiles, seed, 1, set, Math.Round(pq, 5), 0.8);

        // Pixels of the longest coloured run in a column.
        int LongestUpright()
        {
            var picture = Slides.RgbImageFile.Read(Path.Combine(folder.Path, "curve.png"));
            var longest = 0;
            for (var x = 0; x < picture.Width; x++)
            {
                for (int y = 0, run = 0; y < picture.Height; y++)
                {
                    var pixel = picture.Pixels.AsSpan(((y * picture.Width) + x) * 3, 3);
                    run = Math.Max(pixel[0], Math.Max(pixel[1], pixel[2])) - Math.Min(pixel[0], Math.Min(pixel[1], pixel[2])) > 60 ? run + 1 : 0;
                    longest = Math.Max(longest, run);
                }
            }

            return longest;
        }
    }
}
