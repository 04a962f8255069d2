using System.Text.Json;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tissue;
using Xunit;

namespace HoverFast.Tests.Jobs;

public sealed class ManifestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TellsHowTheResultCameAbout()
    {
        var output = _folder.File("a.csv");
        File.WriteAllText(output, "id\n");
        var manifest = Make(output);
        var path = Manifest.PathFor(_folder.Path, "a");
        manifest.Write(path);
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = json.RootElement;
        Assert.Equal("key", root.GetProperty("key").GetString());
        Assert.Equal("--mpp", root.GetProperty("slide").GetProperty("mppSource").GetString());
        Assert.Equal(0.25, root.GetProperty("slide").GetProperty("mpp").GetDouble());
        Assert.Equal(60, root.GetProperty("slide").GetProperty("bounds").GetProperty("width").GetInt32());
        Assert.Equal("abc", root.GetProperty("model").GetProperty("sha256").GetString());
        Assert.Equal(9, root.GetProperty("counts").GetProperty("nuclei").GetInt64());
        Assert.Equal(1.5, root.GetProperty("effort").GetProperty("stageSeconds").GetProperty("Infer").GetDouble());

        // SHA-256 of "id\n".
        Assert.Equal("984a644ec3b56d32b0404777e1eb73390c4b0742a6a0e183f07861056b6746de", root.GetProperty("outputs")[0].GetProperty("sha256").GetString());
        Assert.Equal(3, root.GetProperty("outputs")[0].GetProperty("bytes").GetInt64());
        string[] warnings = [.. root.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()!)];
        Assert.Equal("No tissue \u00B5.", warnings[0]);
        Assert.Contains("2 outlines", warnings[1], StringComparison.Ordinal);
        Assert.Contains("1 nuclei", warnings[2], StringComparison.Ordinal);
        Assert.Contains("\u00B5", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void AResultStandsWhileNothingChanged()
    {
        var output = _folder.File("a.csv");
        File.WriteAllText(output, "id\n");
        var path = Manifest.PathFor(_folder.Path, "a");
        Assert.Null(Manifest.TryRead(path));
        Make(output).Write(path);
        var manifest = Manifest.TryRead(path);
        Assert.NotNull(manifest);
        Assert.True(manifest.Stands("key", _folder.Path, [output]));
        Assert.False(manifest.Stands("other", _folder.Path, [output]));
        Assert.False(manifest.Stands("key", _folder.Path, [output, _folder.File("a.parquet")]));
        File.AppendAllText(output, "x");
        Assert.False(manifest.Stands("key", _folder.Path, [output]));
        File.Delete(output);
        Assert.False(manifest.Stands("key", _folder.Path, [output]));
        File.WriteAllText(path, "{");
        Assert.Null(Manifest.TryRead(path));
    }

    private Manifest Make(string output)
    {
        var picture = _folder.File("slide.png");
        RgbImageFile.WritePng(picture, new RgbImage(60, 40));
        using var slide = Slide.Open(picture);
        var mpp = new Mpp(0.25);
        var context = new SlideContext(
            slide,
            new SlideCalibration(mpp, "--mpp"),
            new WorkingGrid(slide.Levels[0].Size, mpp, new Mpp(0.5)),
            new TissueMask(1, 1, [true], 20, 20, "detected"),
            new ModelCard { Name = "m", Kind = "student", Mpp = 0.5, Sha256 = "abc" },
            "key",
            "fingerprint");
        var report = new SlideReport
        {
            Nuclei = 10,
            TissueArea = 0.1,
            TissuePixels = 1e6,
            Tiles = 3,
            TilesResumed = 1,
            MedianNucleusArea = 30,
            CorruptRegions = [new PixelRect(1, 2, 3, 4)],
            Warnings = ["No tissue \u00B5."],
            Seconds = 2,
            StageSeconds = new Dictionary<Stage, double> { [Stage.Infer] = 1.5 },
            PeakMemory = 1000,
        };
        return Manifest.Of(context, report, new SegmentSettings(), new OutlineCounts(9, 2, 1), [output]);
    }
}
