using System.Text.Json;
using System.Text.Json.Nodes;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Jobs;

public sealed class ManifestTests : IDisposable
{
    private static readonly byte[] _key = [1, 2];
    private readonly TemporaryFolder _folder = new();
    private readonly NucleusModel _model;

    public ManifestTests() => _model = NucleusModel.Load(DarknessModel.Write(_folder.Path));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

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
        Assert.Equal("0102", root.GetProperty("key").GetString());
        Assert.Equal("given", root.GetProperty("slide").GetProperty("mppSource").GetString());
        Assert.Equal(0.25, root.GetProperty("slide").GetProperty("mpp").GetDouble());
        Assert.Equal(60, root.GetProperty("slide").GetProperty("bounds").GetProperty("width").GetInt32());
        Assert.Equal(_model.Card.Sha256, root.GetProperty("model").GetProperty("sha256").GetString());
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
    public void WhatManifestsOfOldLeaveOutHasItsDefault()
    {
        var output = _folder.File("a.csv");
        File.WriteAllText(output, "id\n");
        var path = Manifest.PathFor(_folder.Path, "a");
        Make(output).Write(path);
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        var (slide, model, settings, effort) = (json["slide"]!.AsObject(), json["model"]!.AsObject(), json["settings"]!.AsObject(), json["effort"]!.AsObject());
        Assert.True(slide.Remove("pathHash") & model.Remove("engine") & settings.Remove("views") & effort.Remove("device"));
        File.WriteAllText(path, json.ToJsonString());

        var old = Manifest.TryRead(path)!;
        Assert.Equal(("", "", 1, "cpu"), (old.Slide.PathHash, old.Model.Engine, old.Settings.Views, old.Effort.Device));
        Assert.True(old.Slide.IsOf(Path.Combine("elsewhere", old.Slide.File), "another"));
    }

    [Fact]
    public void AResultHoldsWhileNothingChanged()
    {
        var output = _folder.File("a.csv");
        File.WriteAllText(output, "id\n");
        var path = Manifest.PathFor(_folder.Path, "a");
        Assert.Null(Manifest.TryRead(path));
        Make(output).Write(path);
        var manifest = Manifest.TryRead(path);
        Assert.NotNull(manifest);
        Assert.True(manifest.StillHolds(_key, _folder.Path, [Csv(output)]));
        Assert.False(manifest.StillHolds([3], _folder.Path, [Csv(output)]));
        Assert.False(manifest.StillHolds(_key, _folder.Path, [Csv(output) with { ColouredBy = "match probability" }]));
        Assert.False(manifest.StillHolds(_key, _folder.Path, [Csv(output), new ResultFile(ResultKind.Parquet, _folder.File("a.parquet"))]));
        File.AppendAllText(output, "x");
        Assert.False(manifest.StillHolds(_key, _folder.Path, [Csv(output)]));
        File.Delete(output);
        Assert.False(manifest.StillHolds(_key, _folder.Path, [Csv(output)]));
        File.WriteAllText(path, "{");
        Assert.Null(Manifest.TryRead(path));
    }

    private Manifest Make(string output)
    {
        var picture = _folder.File("slide.png");
        RgbImageFile.WritePng(picture, new RgbImage(60, 40));
        using var session = SlideSession.Open(picture, _model, new SegmentSettings(), new SlideCalibrator { Stated = new Mpp(0.25) });
        var report = new SlideReport
        {
            Nuclei = 10,
            TissueArea = 0.1,
            TissuePixels = 1e6,
            Tiles = 3,
            TilesResumed = 1,
            MedianNucleusArea = 30,
            CorruptRegions = [new PixelRect(1, 2, 3, 4)],
            Warnings = [new SlideWarning(SlideWarningKind.NoTissue, "No tissue \u00B5.")],
            Seconds = 2,
            StageSeconds = new Dictionary<Stage, double> { [Stage.Infer] = 1.5 },
            PeakMemory = 1000,
        };
        return Manifest.Of(session, _key, report, new OutlineCounts(9, 2, 1), _folder.Path, [Csv(output)]);
    }

    private static ResultFile Csv(string path) => new(ResultKind.Csv, path);
}
